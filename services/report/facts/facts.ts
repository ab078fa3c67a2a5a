import { type GatesConfig } from '../../../shared/config/schema.ts'
import { type CandidateFacts, type WorstComparison } from '../../../shared/contracts/report.ts'
import { armFactsOf, nothingAsked } from './arm.ts'
import { costFactsOf } from './cost.ts'
import { distributionsOf } from './distribution.ts'
import { promptFactsOf } from './prompts.ts'
import { type StoredFacts } from './store-facts.ts'
import { thresholdsOf } from './thresholds.ts'

export type FactsInput = {
  candidate: Pick<CandidateFacts, 'candidate' | 'armFingerprint'>
  stored: StoredFacts
  /** Its hash; null where there is none. */
  campaign: string | null
  worst: readonly WorstComparison[]
  gates: GatesConfig
  migrationEffortUsd: number | null
}

/** What a report shows of a candidate besides its verdict: the same sums give the same facts. */
export function factsOf({ candidate, stored, campaign, worst, gates, migrationEffortUsd }: FactsInput): CandidateFacts {
  const candidateArm = armFactsOf('candidate', stored) ?? nothingAsked
  const controlArm = armFactsOf('control', stored)
  return {
    ...candidate,
    campaign,
    candidateArm,
    controlArm,
    cost: costFactsOf(stored, migrationEffortUsd),
    prompts: promptFactsOf(stored.prompts, gates.quality.relative),
    thresholds: thresholdsOf(candidateArm, controlArm, stored.totals.candidateFailed, gates),
    ...distributionsOf(stored.totals),
    worst: [...worst],
  }
}
