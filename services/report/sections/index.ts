import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { notCompared } from './not-compared.ts'
import { scores } from './scores.ts'
import { type Section, type SectionOf } from './section.ts'
import { waived } from './waived.ts'

/** In the order in which a report shows them, after the gates. To add one: a file, a line here, a test. */
const sections: readonly SectionOf[] = [notCompared, waived, scores]

export function sectionsOf(verdict: Verdict): Section[] {
  return sections.flatMap((section) => section(verdict) ?? [])
}
