import { type Usage } from '../contracts/answer.ts'

/** What a call cost by the price in force at that time; null where a price or a needed token count is unknown. */
export type PriceBook = {
  costUsd(call: { model: string; usage: Usage; at: Date; serviceTier: string | null }): number | null
}
