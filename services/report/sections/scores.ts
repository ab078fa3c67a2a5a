import { type Scoring } from '../../../shared/contracts/verdict.ts'
import { count, counted, unknown } from '../words.ts'
import { type SectionOf } from './section.ts'

const reasonsShown = 3

/** Scores beside the ladder's: by scorers of the config, and by whoever made them elsewhere. In no gate, except as said. */
export const scores: SectionOf = ({ scoring }) => {
  if (scoring === null || scoring.own.length + scoring.imported.length === 0) return null
  const { own, imported } = scoring
  return {
    title: 'Scores of your own',
    sentences: own.flatMap((scorer) => silenceOf(scorer) ?? []),
    table: {
      columns: [
        { title: 'score' },
        { title: 'by' },
        { title: 'answers', isNumber: true },
        { title: 'candidate', isNumber: true },
        { title: 'control', isNumber: true },
        { title: 'served', isNumber: true },
      ],
      rows: [
        ...own.map(({ name, as, candidate, control }) => [
          name,
          as === 'quality' ? 'config, lowers quality' : 'config',
          count(candidate.scored),
          shown(candidate.mean),
          shown(control.mean),
          unknown,
        ]),
        ...imported.map(({ name, by, candidate, control, served }) => [
          name,
          by,
          count(candidate.scored),
          shown(candidate.mean),
          shown(control.mean),
          shown(served.mean),
        ]),
      ],
    },
  }
}

const shown = (mean: number | null): string => (mean === null ? unknown : mean.toFixed(3))

function silenceOf({ name, notScored }: Scoring['own'][number]): string | null {
  if (notScored.length === 0) return null
  const missing = notScored.reduce((sum, { comparisons }) => sum + comparisons, 0)
  const reasons = notScored.slice(0, reasonsShown).map(({ reason, comparisons }) => `${reason} (${count(comparisons)})`)
  return `${name} gave no score to ${counted(missing, 'answer')}: ${reasons.join(', ')}${notScored.length > reasonsShown ? ', …' : ''}.`
}
