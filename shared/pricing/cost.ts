import { type Usage } from '../contracts/answer.ts'
import { type Cost, type CostPart } from './price-book.ts'
import { type PriceRow, type Rates } from './price-row.ts'
import { ratesOfHardware } from './self-hosted.ts'

const standardTiers = new Set(['standard', 'default', 'auto', 'on_demand'])

/**
 * USD for one call; null where a count or a rate it needs is unknown. Cache counts the provider left out are taken as
 * none, which prices their tokens in full and so never too low. Reasoning is inside the output and counted once: at its
 * own rate where the row has one.
 */
export function costOf(row: PriceRow, usage: Usage, serviceTier: string | null): Cost {
  const multiplier = tierMultiplier(row, serviceTier)
  const unknown = { costUsd: null, row, parts: [], multiplier, usdPerRequest: row.usdPerRequest }
  if (multiplier === null) return { ...unknown, unpriced: `the row has no rate for the service tier "${serviceTier}"` }
  const { inputTokens, outputTokens } = usage
  if (inputTokens === null) return { ...unknown, unpriced: 'the number of input tokens is unknown' }
  const rates = ratesFor(row, inputTokens)
  if (rates.output !== null && outputTokens === null) {
    return { ...unknown, unpriced: 'the number of output tokens is unknown' }
  }
  const parts = partsOf(rates, usage, inputTokens)
  const unpriced = problemOf(parts)
  if (unpriced !== null) return { ...unknown, parts, unpriced }
  const tokensUsd = parts.reduce((sum, part) => sum + (part.usd ?? 0), 0)
  return { ...unknown, parts, costUsd: tokensUsd * multiplier + row.usdPerRequest, unpriced: null }
}

function partsOf(rates: Rates, usage: Usage, inputTokens: number): CostPart[] {
  const cached = usage.cachedInputTokens ?? 0
  const written = usage.cacheWriteInputTokens ?? 0
  const writtenLong = usage.cacheWriteLongInputTokens ?? 0
  const output = usage.outputTokens ?? 0
  const thought = rates.reasoning === null ? 0 : (usage.reasoningTokens ?? 0)
  return [
    part('input', inputTokens - cached - written, rates.input),
    part('cachedInput', cached, rates.cachedInput),
    part('cacheWrite', written - writtenLong, rates.cacheWrite),
    part('cacheWriteLong', writtenLong, rates.cacheWriteLong),
    part('output', output - thought, rates.output),
    part('reasoning', thought, rates.reasoning),
  ]
}

function part(kind: string, tokens: number, usdPerMillionTokens: number | null): CostPart {
  const usd = tokens === 0 ? 0 : usdPerMillionTokens === null ? null : (tokens * usdPerMillionTokens) / 1_000_000
  return { kind, tokens, usdPerMillionTokens, usd }
}

/** A count without a rate, or counts that contradict each other. */
function problemOf(parts: CostPart[]): string | null {
  const negative = parts.find(({ tokens }) => tokens < 0)
  if (negative !== undefined) return `the token counts contradict each other: ${negative.kind} is ${negative.tokens}`
  const unrated = parts.find(({ usd }) => usd === null)
  return unrated === undefined ? null : `the row has no rate for ${unrated.kind}`
}

function ratesFor(row: PriceRow, promptTokens: number): Rates {
  if (row.selfHosted !== null) return ratesOfHardware(row.selfHosted)
  const reached = row.promptTiers.filter((tier) => promptTokens > tier.abovePromptTokens)
  const highest = reached.toSorted((a, b) => b.abovePromptTokens - a.abovePromptTokens)[0]
  // The schema demands one of the two.
  return (highest ?? row).usdPerMillionTokens!
}

function tierMultiplier(row: PriceRow, serviceTier: string | null): number | null {
  if (serviceTier !== null && Object.hasOwn(row.serviceTiers, serviceTier)) return row.serviceTiers[serviceTier] ?? null
  return serviceTier === null || standardTiers.has(serviceTier) ? 1 : null
}
