import { type Comparison } from '../../shared/contracts/comparison.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'

/** A comparison worth reading: what was served, what the candidate said instead. Texts as they were captured. */
export type WorstComparison = Pick<
  Comparison,
  | 'comparisonId'
  | 'exchangeId'
  | 'capturedAt'
  | 'route'
  | 'task'
  | 'outcome'
  | 'reason'
  | 'decidedBy'
  | 'differences'
  | 'servedExcerpt'
  | 'armExcerpt'
  | 'losses'
> & { quality: number | null; controlQuality: number | null; divergence: number | null }

/** Everything a report shows of one candidate. */
export type Summary = { verdict: Verdict; worst: readonly WorstComparison[] }
