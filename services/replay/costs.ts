import { type Answer, type Usage } from '../../shared/contracts/answer.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Estimate } from './gate.ts'

/** A fair guess for prose, where the provider did not count: many do not, in a stream, unless they are asked to. */
const charsPerToken = 4

/** What asking an arm will probably take, by what the served answer took. */
export function estimateOf(exchange: Exchange, body: string, model: string, at: Date, prices: PriceBook): Estimate {
  const served = exchange.served.answer?.usage
  const inputTokens = served?.inputTokens ?? Math.ceil(body.length / charsPerToken)
  const outputTokens = served?.outputTokens ?? guessedTokens(exchange.served.answer)
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

function guessedTokens(answer: Answer | null): number {
  if (answer === null) return 500
  const { text, thinkingText, refusalText, toolCalls } = answer
  const called = toolCalls.reduce((sum, { name, argumentsText }) => sum + name.length + argumentsText.length, 0)
  return Math.ceil((text.length + thinkingText.length + (refusalText?.length ?? 0) + called) / charsPerToken)
}
