import { type Config } from '../../shared/config/schema.ts'
import { controlArm } from '../../shared/config/arms.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { createTransport } from '../../shared/providers/transport.ts'
import { openArms } from './arms.ts'
import { estimateOf } from './costs.ts'
import { modelOf } from './observe.ts'
import { plan } from './replay.ts'

/** What one arm would be asked and what that would cost, by what the served answers took. */
export type ArmEstimate = {
  arm: string
  calls: number
  /** Exchanges that would not be asked, by reason. */
  notAsked: Record<string, number>
  inputTokens: number
  outputTokens: number
  /** Of the calls that have a price. */
  costUsd: number
  /** Calls of models without a price: what they cost is in no sum. */
  unpriced: Record<string, number>
  /** At the rate the exchanges were captured; null where that was less than an hour. */
  perDay: { calls: number; costUsd: number } | null
  budgetUsdPerDay: number | null
}

export type Estimator = { add(exchange: Exchange): void; result(): ArmEstimate[] }

/** Nothing is asked. */
export function createEstimator(config: Config, prices: PriceBook): Estimator {
  const arms = openArms(config, createTransport())
  const estimates = arms.map(({ arm }): ArmEstimate => ({
    arm: arm.name,
    calls: 0,
    notAsked: {},
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpriced: {},
    perDay: null,
    budgetUsdPerDay: arm.budgetUsdPerDay,
  }))
  const of = (arm: string): ArmEstimate => estimates.find((each) => each.arm === arm)!
  let [firstMs, lastMs] = [Infinity, -Infinity]

  function daysSeen(): number | null {
    const days = (lastMs - firstMs) / 86_400_000
    return days >= 1 / 24 ? days : null
  }

  return {
    add(exchange) {
      const atMs = Date.parse(exchange.capturedAt)
      firstMs = Math.min(firstMs, atMs)
      lastMs = Math.max(lastMs, atMs)
      const { settled, questions } = plan(exchange, arms)
      for (const { arm, notAskedReason } of settled) count(of(arm).notAsked, notAskedReason ?? 'unknown')
      const isPaired = questions.some(({ subject }) => subject.arm.name !== controlArm)
      for (const { subject, call } of questions) {
        const estimate = of(subject.arm.name)
        if (!isPaired) {
          count(estimate.notAsked, 'no_pair')
          continue
        }
        const model = modelOf(subject.arm, exchange)
        const expected = estimateOf(exchange, call.body, model, new Date(), prices)
        estimate.calls += 1
        estimate.inputTokens += expected.inputTokens
        estimate.outputTokens += expected.outputTokens
        if (expected.costUsd === null) count(estimate.unpriced, model)
        else estimate.costUsd += expected.costUsd
      }
    },
    result() {
      const days = daysSeen()
      return estimates.map((estimate) => ({
        ...estimate,
        perDay: days === null ? null : { calls: estimate.calls / days, costUsd: estimate.costUsd / days },
      }))
    },
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (Object.hasOwn(counts, key) ? counts[key]! : 0) + 1
}
