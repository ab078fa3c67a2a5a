import { type PairOutcome } from '../../../shared/contracts/comparison.ts'
import { percent } from '../words.ts'
import { besideCells, besideColumns, orAgain } from './beside.ts'
import { type SectionOf } from './section.ts'

const meanings: Record<PairOutcome, string> = {
  same: 'same, in other bytes at most',
  harmless: 'other words, nothing lost that matters',
  unsure: 'unsure',
  harmful: 'harmful to act on',
}

/** What the answers come to against the served ones, and how much of that only a judge or a person can settle. */
export const findings: SectionOf = ({ breakdown }) => {
  if (breakdown === null) return null
  const { candidate, control } = breakdown.findings
  const settled = candidate.unsure === 0 ? 'No pair is' : `${percent(candidate.unsure)} of the pairs are`
  return {
    title: 'What the answers come to',
    sentences: [
      `${settled} unsure${orAgain(control?.unsure)}: nothing that can be checked speaks against them, and only a judge or a person can settle whether they mean the same.`,
    ],
    table: {
      columns: [{ title: 'against the served answer' }, ...besideColumns],
      rows: (['same', 'harmless', 'unsure', 'harmful'] as const).map((finding) => [
        meanings[finding],
        ...besideCells({ candidate: candidate[finding], control: control?.[finding] ?? null }),
      ]),
    },
  }
}
