import { type Usage } from '../contracts/answer.ts'
import { type PriceRow } from './price-row.ts'

export type PricedCall = { model: string; usage: Usage; at: Date; serviceTier: string | null }

/** One kind of tokens of a call and what they cost, before the multiplier of the service tier. */
export type CostPart = { kind: string; tokens: number; usdPerMillionTokens: number | null; usd: number | null }

/** A cost and how it came about. `unpriced` says in words why there is none; no cost gate passes such a call. */
export type Cost = {
  costUsd: number | null
  unpriced: string | null
  row: PriceRow | null
  parts: CostPart[]
  multiplier: number | null
  usdPerRequest: number
}

/** What a call cost by the price in force at that time; null where a price or a needed token count is unknown. */
export type PriceBook = {
  costUsd(call: PricedCall): number | null
}

export type ExplainingPriceBook = PriceBook & {
  /** The same cost with its parts, or the reason why there is none. */
  explain(call: PricedCall): Cost
  /** SHA-256 of the whole table: the same for the same prices. */
  version(): string
}
