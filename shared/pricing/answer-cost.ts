import { type Answer } from '../contracts/answer.ts'
import { type PriceBook } from './price-book.ts'

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

/** Null where the provider did not count. */
export function tokensOf(answer: Answer | null): number | null {
  const { inputTokens = null, outputTokens = null } = answer?.usage ?? {}
  return inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens
}
