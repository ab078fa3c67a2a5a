import { type z } from 'zod'
import { type PriceRow } from './price-row.ts'

type Row = z.input<typeof PriceRow>
type Rates = NonNullable<Row['usdPerMillionTokens']>

/** USD per million tokens, in the order price pages print them; null is unknown or not offered. */
function usd(
  input: number,
  cachedInput: number | null,
  cacheWrite: number | null,
  cacheWriteLong: number | null,
  output: number | null,
): Rates {
  return { input, cachedInput, cacheWrite, cacheWriteLong, output }
}

const mirror = 'Wei-Shaw/model-price-repo f9ff147 (2026-07-24), cross-checked with token-tariff dc2baf9 (2026-08-06)'
/** Rows of the mirror are known to hold since this day at the latest. */
const mirrored = '2026-01-01'
const batch = { batch: 0.5 }
const flex = { batch: 0.5, flex: 0.5 }
const fast = { batch: 0.5, flex: 0.5, fast: 2, priority: 2 }
const above272k = (rates: Rates): Row['promptTiers'] => [{ abovePromptTokens: 272_000, usdPerMillionTokens: rates }]

/**
 * Standard prices by model and period. A price that was announced to end and whose successor is not certain ends here
 * too: from then on the model is unpriced, which the report says, instead of wrong, which nobody would see.
 */
export const builtinPrices: Row[] = [
  {
    model: 'gpt-6-astra',
    effectiveFrom: '2026-09-03',
    usdPerMillionTokens: usd(10, 1, 12.5, null, 50),
    promptTiers: above272k(usd(20, 2, 25, null, 75)),
    serviceTiers: flex,
    source: 'pydantic/genai-prices #680 (2026-09-03)',
  },
  {
    model: 'gpt-6.1-sol',
    effectiveFrom: '2026-09-30',
    usdPerMillionTokens: usd(2, 0.1, null, null, 10),
    promptTiers: above272k(usd(4, 0.2, null, null, 15)),
    serviceTiers: fast,
    source: 'Codex-Manager 0.4.7 (2026-09-30)',
  },
  {
    model: 'gpt-6.1-terra',
    effectiveFrom: '2026-10-26',
    usdPerMillionTokens: usd(1, 0.05, 1.25, 2.5, 5),
    promptTiers: above272k(usd(2, 0.1, null, null, 7.5)),
    serviceTiers: fast,
    source: 'LiteLLM documentation, PromptFuel 1.0.24 (2026-10-26)',
  },
  ...[
    { model: 'gpt-6-sol', usdPerMillionTokens: usd(2, 0.2, 2.5, null, 10) },
    { model: 'gpt-6-luna', usdPerMillionTokens: usd(0.1, 0.01, 0.125, null, 0.5) },
  ].map((row) => ({
    ...row,
    effectiveFrom: '2026-09-22',
    serviceTiers: flex,
    source: 'PromptFuel 1.0.21 (2026-09-22)',
  })),
  {
    model: 'gpt-5.6-sol',
    effectiveFrom: '2026-07-01',
    effectiveTo: '2026-08-21',
    usdPerMillionTokens: usd(5, 0.5, 6.25, null, 30),
    serviceTiers: flex,
    source: 'LibreChat #15114, nurb #188',
  },
  {
    // Promotional, promised through 2026-11-21 only.
    model: 'gpt-5.6-sol',
    effectiveFrom: '2026-08-21',
    effectiveTo: '2026-11-22',
    usdPerMillionTokens: usd(4, 0.4, 5, null, 20),
    serviceTiers: flex,
    source: 'LibreChat #15114, nurb #188',
  },
  {
    model: 'gpt-5.6-terra',
    effectiveFrom: '2026-07-01',
    effectiveTo: '2026-07-30',
    usdPerMillionTokens: usd(2.5, 0.25, 3.125, null, 15),
    serviceTiers: flex,
    source: 'dust #29800',
  },
  {
    model: 'gpt-5.6-terra',
    effectiveFrom: '2026-07-30',
    usdPerMillionTokens: usd(2, 0.2, 2.5, null, 12),
    serviceTiers: flex,
    source: 'dust #29800',
  },
  {
    model: 'gpt-5.6-luna',
    effectiveFrom: '2026-07-01',
    effectiveTo: '2026-07-30',
    usdPerMillionTokens: usd(1, 0.1, 1.25, null, 6),
    serviceTiers: flex,
    source: 'puter #3580, litellm #35270',
  },
  {
    model: 'gpt-5.6-luna',
    effectiveFrom: '2026-07-30',
    usdPerMillionTokens: usd(0.2, 0.02, 0.25, null, 1.2),
    serviceTiers: flex,
    source: 'puter #3580, litellm #35270',
  },
  {
    model: 'gpt-5.4',
    effectiveFrom: mirrored,
    usdPerMillionTokens: usd(2.5, 0.25, null, null, 15),
    promptTiers: above272k(usd(5, 0.5, null, null, 22.5)),
    serviceTiers: flex,
    source: mirror,
  },
  ...[
    { model: 'gpt-5.4-mini', usdPerMillionTokens: usd(0.75, 0.075, null, null, 4.5), serviceTiers: flex },
    { model: 'gpt-5', usdPerMillionTokens: usd(1.25, 0.125, null, null, 10), serviceTiers: flex },
    { model: 'gpt-5-mini', usdPerMillionTokens: usd(0.25, 0.025, null, null, 2), serviceTiers: flex },
    { model: 'gpt-5-nano', usdPerMillionTokens: usd(0.05, 0.005, null, null, 0.4), serviceTiers: flex },
    { model: 'gpt-4.1', usdPerMillionTokens: usd(2, 0.5, null, null, 8), serviceTiers: batch },
    { model: 'gpt-4.1-mini', usdPerMillionTokens: usd(0.4, 0.1, null, null, 1.6), serviceTiers: batch },
    { model: 'gpt-4.1-nano', usdPerMillionTokens: usd(0.1, 0.025, null, null, 0.4), serviceTiers: batch },
    { model: 'gpt-4o', usdPerMillionTokens: usd(2.5, 1.25, null, null, 10), serviceTiers: batch },
    // The first snapshot kept its launch price.
    { model: 'gpt-4o-2024-05-13', usdPerMillionTokens: usd(5, null, null, null, 15), serviceTiers: batch },
    { model: 'gpt-4o-mini', usdPerMillionTokens: usd(0.15, 0.075, null, null, 0.6), serviceTiers: batch },
    { model: 'o3', usdPerMillionTokens: usd(2, 0.5, null, null, 8), serviceTiers: flex },
    { model: 'o4-mini', usdPerMillionTokens: usd(1.1, 0.275, null, null, 4.4), serviceTiers: flex },
    { model: 'text-embedding-3-small', usdPerMillionTokens: usd(0.02, null, null, null, null), serviceTiers: batch },
    { model: 'text-embedding-3-large', usdPerMillionTokens: usd(0.13, null, null, null, null), serviceTiers: batch },
    { model: 'claude-sonnet-4-6', usdPerMillionTokens: usd(3, 0.3, 3.75, 6, 15), serviceTiers: batch },
    { model: 'claude-haiku-4-5', usdPerMillionTokens: usd(1, 0.1, 1.25, 2, 5), serviceTiers: batch },
    ...['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5'].map((model) => ({
      model,
      usdPerMillionTokens: usd(5, 0.5, 6.25, 10, 25),
      serviceTiers: batch,
    })),
  ].map((row) => ({ ...row, effectiveFrom: mirrored, source: mirror })),
  {
    model: 'claude-fable-5-2',
    effectiveFrom: '2026-11-09',
    usdPerMillionTokens: usd(8, 0.2, 10, null, 40),
    serviceTiers: batch,
    source: 'three secondary sources that quote the vendor (2026-11-09)',
  },
  {
    model: 'claude-fable-5-1',
    effectiveFrom: '2026-09-01',
    usdPerMillionTokens: usd(10, 0.25, 12.5, 20, 50),
    serviceTiers: batch,
    source: 'vendor price page, quoted (2026-09-01)',
  },
  {
    model: 'claude-opus-5-5',
    effectiveFrom: '2026-09-22',
    usdPerMillionTokens: usd(4, 0.2, 5, 8, 20),
    serviceTiers: batch,
    source: 'PromptFuel 1.0.21 (2026-09-22)',
  },
  {
    model: 'claude-sonnet-5-5',
    effectiveFrom: '2026-09-28',
    effectiveTo: '2026-10-07',
    usdPerMillionTokens: usd(2, 0.2, 2.5, 4, 10),
    serviceTiers: batch,
    source: 'secondary sources (2026-09-28)',
  },
  {
    model: 'claude-sonnet-5-5',
    effectiveFrom: '2026-10-07',
    usdPerMillionTokens: usd(2, 0.1, 2.5, 4, 10),
    serviceTiers: batch,
    source: 'secondary sources (cached reads cut on 2026-10-07)',
  },
  {
    // Introductory, announced to end on 2026-08-31; what follows is reported both ways.
    model: 'claude-sonnet-5',
    effectiveFrom: '2026-06-30',
    effectiveTo: '2026-09-01',
    usdPerMillionTokens: usd(2, 0.2, 2.5, 4, 10),
    serviceTiers: batch,
    source: 'vendor price page (introductory price)',
  },
  {
    model: 'claude-haiku-5-5',
    effectiveFrom: '2026-10-01',
    usdPerMillionTokens: usd(0.1, 0.01, 0.125, 0.2, 0.5),
    promptTiers: [{ abovePromptTokens: 100_000, usdPerMillionTokens: usd(0.5, 0.05, 0.625, 1, 2.5) }],
    serviceTiers: batch,
    source: 'secondary sources (October 2026)',
  },
]
