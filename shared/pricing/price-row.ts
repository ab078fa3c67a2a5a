import { z } from 'zod'

/** A positive price this small is a price per token, written where a price per million tokens belongs. */
const smallestUsdPerMillionTokens = 0.0001

const rate = z
  .number()
  .nonnegative()
  .max(100_000)
  .refine((usd) => usd === 0 || usd >= smallestUsdPerMillionTokens, {
    error: 'looks like USD per token: write USD per million tokens',
  })

const Rates = z.strictObject({
  input: rate,
  /** Null: no such rate is known, so a call that read from the cache is unpriced. */
  cachedInput: rate.nullable().default(null),
  cacheWrite: rate.nullable().default(null),
  /** Writes with the long time to live (Anthropic: one hour; OpenAI: twelve). */
  cacheWriteLong: rate.nullable().default(null),
  /** Null for models that generate nothing, such as embeddings. */
  output: rate.nullable(),
  /** Where reasoning has a rate of its own; null: it is charged as output. */
  reasoning: rate.nullable().default(null),
})
export type Rates = z.infer<typeof Rates>

/** A model on one's own machines. Throughput as measured under the load that is to be priced, not the peak. */
const SelfHosted = z.strictObject({
  usdPerGpuHour: z.number().positive().max(1_000),
  gpus: z.int().positive().default(1),
  tokensPerSecond: z.strictObject({ input: z.number().positive(), output: z.number().positive() }),
  /** Share of the machine's time that goes into writing. */
  outputShare: z.number().gt(0).lt(1).default(0.5),
})
export type SelfHosted = z.infer<typeof SelfHosted>

const day = z.iso.date({ error: 'write a day such as 2026-07-24' })

/** The price of one model (or of all that match `*`) for one period. */
export const PriceRow = z
  .strictObject({
    /** A model id; `*` stands for any run of characters. Dated snapshots of an id are priced by its row. */
    model: z.string().min(1),
    /** First day in force, UTC. */
    effectiveFrom: day,
    /** First day no longer in force, UTC; null while it is in force. */
    effectiveTo: day.nullable().default(null),
    /** Null for a model on one's own machines. */
    usdPerMillionTokens: Rates.nullable().default(null),
    selfHosted: SelfHosted.nullable().default(null),
    /** What each call costs besides its tokens, such as the retrieval before it. */
    usdPerRequest: z.number().nonnegative().max(1_000).default(0),
    /** Other rates for long prompts; they hold for every token of the call. */
    promptTiers: z
      .array(z.strictObject({ abovePromptTokens: z.int().positive(), usdPerMillionTokens: Rates }))
      .default([]),
    /** By the service tier of the answer. A tier that is neither here nor a word for standard is unpriced. */
    serviceTiers: z.record(z.string(), z.number().nonnegative().max(100)).default({}),
    /** Where the price was read. */
    source: z.string().min(1),
  })
  .refine((row) => row.effectiveTo === null || row.effectiveFrom < row.effectiveTo, {
    error: 'effectiveTo must be later than effectiveFrom',
  })
  .refine((row) => (row.usdPerMillionTokens === null) !== (row.selfHosted === null), {
    error: 'say either usdPerMillionTokens or selfHosted',
  })
export type PriceRow = z.infer<typeof PriceRow>

export const PriceFile = z.strictObject({
  /** Keep the built-in rows for models this file does not name. */
  extends: z.literal('builtin').optional(),
  prices: z.array(PriceRow).min(1, 'name at least one model'),
})
