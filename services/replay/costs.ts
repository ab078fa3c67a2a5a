import { type Usage } from '../../shared/contracts/answer.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Estimate } from './gate.ts'

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
