import { type GatesConfig } from '../../../shared/config/schema.ts'
import { type CandidateFacts, type Threshold } from '../../../shared/contracts/report.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { clopperPearson } from '../../../shared/statistics/proportion.ts'
import { leastFailures, rateRegression } from '../../../shared/statistics/rate-regression.ts'

export type Stage = {
  percent: number
  /** To the candidate. Null: too little traffic was seen to say. */
  requestsPerDay: number | null
  /** Rise of the error rate that this stage would see, as a share. */
  regression: number
  /** Requests to the candidate before the stage may end. */
  requests: number
  /** With more failures among them the error rate has risen: roll back. */
  mostFailures: number
  /** Not shorter, however many requests came: days have their patterns. */
  minDays: number
  days: number | null
}

export type Plan = {
  version: 1
  candidate: string
  provider: string
  model: string
  servedModels: string[]
  verdict: Verdict['verdict']
  /** Kinds of traffic that stay with the served model. */
  except: Verdict['except']
  sentence: string
  alpha: number
  power: number
  /** The error rate that the stages take for granted: as high as the measured one may be. */
  expectedErrorRate: number
  stages: Stage[]
  thresholds: Threshold[]
}

/** Small stages look for what is grossly wrong, large ones for the margin itself. */
const shape = [
  { percent: 1, margins: 5, minDays: 1 / 24 },
  { percent: 5, margins: 2, minDays: 1 / 4 },
  { percent: 25, margins: 1, minDays: 1 },
  { percent: 50, margins: 1, minDays: 1 },
  { percent: 100, margins: 1, minDays: 3 },
] as const

const power = 0.8
/** A latency beyond p99 is one in a hundred; the stage must see it become two. */
const slow = { from: 0.01, to: 0.02 }
const daysPerMonth = 30

/** The rollout of a candidate in stages, each with what it must show before the next. Refuses nothing. */
export function planOf(verdict: Verdict, facts: CandidateFacts, gates: GatesConfig): Plan {
  const { candidate, provider, model, servedModels, sentence, alpha } = verdict
  const { requestsPerMonth } = facts.cost
  const expectedErrorRate = expectedRate(facts, alpha)
  const forLatency = rateRegression({ ...slow, alpha, power }).requests
  return {
    version: 1,
    candidate,
    provider,
    model,
    servedModels,
    verdict: verdict.verdict,
    except: verdict.except,
    sentence,
    alpha,
    power,
    expectedErrorRate,
    stages: shape.map(({ percent, margins, minDays }) => {
      const regression = Math.min(margins * gates.errors.absolute, 1 - expectedErrorRate)
      const seen = rateRegression({ from: expectedErrorRate, to: expectedErrorRate + regression, alpha, power })
      // The first stage is too small to wait for a p99.
      const isSmall = percent === shape[0].percent
      const requests = isSmall ? seen.requests : Math.max(seen.requests, forLatency)
      const requestsPerDay = requestsPerMonth === null ? null : (requestsPerMonth / daysPerMonth) * (percent / 100)
      return {
        percent,
        requestsPerDay,
        regression,
        requests,
        mostFailures: leastFailures(requests, expectedErrorRate, alpha) - 1,
        minDays,
        days: requestsPerDay === null ? null : Math.max(minDays, requests / requestsPerDay),
      }
    }),
    thresholds: facts.thresholds,
  }
}

/** Measured errors are few: what they may really be is what a stage must not be surprised by. */
function expectedRate({ candidateArm: { asked, failures } }: CandidateFacts, alpha: number): number {
  const failed = failures.reduce((sum, { count }) => sum + count, 0)
  return asked === 0 ? 0 : Math.min(0.5, clopperPearson(failed, asked, alpha).upper)
}
