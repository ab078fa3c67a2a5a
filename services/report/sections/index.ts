import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { campaign } from './campaign.ts'
import { incidents } from './incidents.ts'
import { notCompared } from './not-compared.ts'
import { slices } from './slices.ts'
import { type Section, type SectionOf } from './section.ts'

/** In the order in which a report shows them, after the gates. To add one: a file, a line here, a test. */
const sections: readonly SectionOf[] = [slices, incidents, notCompared, campaign]

export function sectionsOf(verdict: Verdict): Section[] {
  return sections.flatMap((section) => section(verdict) ?? [])
}
