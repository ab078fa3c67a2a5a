import { type CandidateFacts } from '../../../shared/contracts/report.ts'
import { type Totals } from './store-facts.ts'

/** Of equal width over [0, 1]. */
export const bins = 20

/** Where the scores of both arms lie; the control's is null where there is none. */
export function distributionsOf(totals: Totals): Pick<CandidateFacts, 'quality' | 'divergence'> {
  const hasControl = totals.controlAsked > 0
  const filled = (counts: number[]) => (counts.length === 0 ? Array<number>(bins).fill(0) : counts)
  const distribution = (candidate: number[], control: number[]) => ({
    candidate: filled(candidate),
    control: hasControl ? filled(control) : null,
  })
  return {
    quality: distribution(totals.candidateQuality, totals.controlQuality),
    divergence: distribution(totals.candidateDivergence, totals.controlDivergence),
  }
}
