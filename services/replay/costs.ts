import { type Answer, type Usage } from '../../shared/contracts/answer.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Estimate } from './gate.ts'

/** Cost of an answer by the price of the model that says it answered, else of the one that was asked. Null: unpriced. */
export function costOf(answer: Answer | null, askedModel: string | null, at: Date, prices: PriceBook): number | null {
  if (answer === null) return null
  const { usage, serviceTier } = answer
  for (const model of [answer.model, askedModel]) {
    const costUsd = model === null ? null : prices.costUsd({ model, usage, at, serviceTier })
    if (costUsd !== null) return costUsd
  }
  return null
}

/** What asking an arm will probably take, by what the served answer took. */
export function estimateOf(exchange: Exchange, body: string, model: string, at: Date, prices: PriceBook): Estimate {
  const served = exchange.served.answer?.usage
  // Four characters a token is a fair guess for prose, where the provider did not count.
  const inputTokens = served?.inputTokens ?? Math.ceil(body.length / 4)
  const outputTokens = served?.outputTokens ?? 500
  const usage: Usage = {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    cacheWriteLongInputTokens: 0,
    outputTokens,
    reasoningTokens: 0,
  }
  return {
    inputTokens,
    outputTokens,
    costUsd: prices.costUsd({ model, usage, at, serviceTier: null }),
  }
}

/** Null where the provider did not count. */
export function tokensOf(answer: Answer | null): number | null {
  const { inputTokens = null, outputTokens = null } = answer?.usage ?? {}
  return inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens
}
