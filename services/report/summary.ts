import { type CandidateFacts, type WorstComparison } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'

export { type WorstComparison } from '../../shared/contracts/report.ts'

/** Everything a report shows of one candidate. `facts`: none where the scores were made elsewhere. */
export type Summary = { verdict: Verdict; worst: readonly WorstComparison[]; facts?: CandidateFacts }
