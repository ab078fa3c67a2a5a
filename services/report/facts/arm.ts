import { type ArmFacts, type FailureClass } from '../../../shared/contracts/report.ts'
import { quantilesOf } from './latency.ts'
import { type StoredFacts } from './store-facts.ts'

const classes: Record<string, FailureClass> = {
  bad_request: '4xx',
  server_error: '5xx',
  overloaded: '5xx',
  rate_limited: 'rate limit',
  timeout: 'timeout',
  connection: 'connection',
}

export const failureClassOf = (kind: string): FailureClass => classes[kind] ?? 'stream'

/** Null where the arm was never asked on these exchanges. */
export function armFactsOf(arm: 'candidate' | 'control', stored: StoredFacts): ArmFacts | null {
  const { totals, failures, tokens, latencies } = stored
  const [asked, weight] = [totals[`${arm}Asked`], totals[`${arm}Weight`]]
  if (asked === 0) return null
  const errorRate = totals[`${arm}FailedWeight`] / weight
  const priced = totals[`${arm}PricedWeight`]
  const used = tokens.find(({ whose }) => whose === arm)
  return {
    asked,
    errorRate,
    availability: 1 - errorRate,
    failures: failures
      .filter(({ whose }) => whose === arm)
      .toSorted((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
      .map((failure) => ({
        class: failureClassOf(failure.kind),
        kind: failure.kind,
        count: failure.count,
        share: failure.weight / weight,
      })),
    ttft: quantilesOf(latencies[`${arm}Ttft`]),
    total: quantilesOf(latencies[`${arm}Total`]),
    usdPerRequest: priced === 0 ? null : totals[`${arm}Usd`] / priced,
    usdPerMillionTokens: used === undefined ? null : (used.usd / used.tokens) * 1e6,
  }
}

/** Of an arm that was never asked. */
export const nothingAsked: ArmFacts = {
  asked: 0,
  errorRate: null,
  availability: null,
  failures: [],
  ttft: [],
  total: [],
  usdPerRequest: null,
  usdPerMillionTokens: null,
}
