import { type Usage } from '../contracts/answer.ts'
import { type PriceRow, type Rates } from './price-row.ts'

const standardTiers = new Set(['standard', 'default', 'auto', 'on_demand'])

/**
 * USD for one call; null where a count or a rate it needs is unknown. Cache counts the provider left out are taken as
 * none, which prices their tokens in full and so never too low. Reasoning is inside the output and not counted again.
 */
export function costOf(row: PriceRow, usage: Usage, serviceTier: string | null): number | null {
  const multiplier = tierMultiplier(row, serviceTier)
  const { inputTokens, outputTokens } = usage
  if (multiplier === null || inputTokens === null) return null
  const rates = ratesFor(row, inputTokens)
  if (rates.output !== null && outputTokens === null) return null

  const cached = usage.cachedInputTokens ?? 0
  const written = usage.cacheWriteInputTokens ?? 0
  const writtenLong = usage.cacheWriteLongInputTokens ?? 0
  const parts = [
    charge(inputTokens - cached - written, rates.input),
    charge(cached, rates.cachedInput),
    charge(written - writtenLong, rates.cacheWrite),
    charge(writtenLong, rates.cacheWriteLong),
    charge(outputTokens ?? 0, rates.output),
  ]
  const total = parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0)
  return total === null ? null : (total * multiplier) / 1_000_000
}

/** Null for a count without a rate, and for counts that contradict each other. */
function charge(tokens: number, rate: number | null): number | null {
  if (tokens < 0) return null
  if (tokens === 0) return 0
  return rate === null ? null : tokens * rate
}

function ratesFor(row: PriceRow, promptTokens: number): Rates {
  const reached = row.promptTiers.filter((tier) => promptTokens > tier.abovePromptTokens)
  const highest = reached.toSorted((a, b) => b.abovePromptTokens - a.abovePromptTokens)[0]
  return highest?.usdPerMillionTokens ?? row.usdPerMillionTokens
}

function tierMultiplier(row: PriceRow, serviceTier: string | null): number | null {
  if (serviceTier !== null && Object.hasOwn(row.serviceTiers, serviceTier)) return row.serviceTiers[serviceTier] ?? null
  return serviceTier === null || standardTiers.has(serviceTier) ? 1 : null
}
