import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { decidedBy } from './decided-by.ts'
import { differences } from './differences.ts'
import { findings } from './findings.ts'
import { grounding } from './grounding.ts'
import { labelSections } from './labels.ts'
import { measures } from './measures.ts'
import { lossy } from './lossy.ts'
import { judge } from './judge.ts'
import { notCompared } from './not-compared.ts'
import { places } from './places.ts'
import { scores } from './scores.ts'
import { campaign } from './campaign.ts'
import { incidents } from './incidents.ts'
import { review } from './review.ts'
import { slices } from './slices.ts'
import { type Section, type SectionOf } from './section.ts'
import { waived } from './waived.ts'

/** In the order in which a report shows them, after the gates. To add one: a file, a line here, a test. */
const sections: readonly SectionOf[] = [
  slices,
  findings,
  decidedBy,
  differences,
  places,
  measures,
  grounding,
  judge,
  review,
  notCompared,
  lossy,
  waived,
  scores,
  incidents,
  campaign,
]

export function sectionsOf(verdict: Verdict): Section[] {
  return [...sections.flatMap((section) => section(verdict) ?? []), ...labelSections(verdict)]
}
