import { z } from 'zod'
import { Task } from './exchange.ts'

const unit = z.number().min(0).max(1)

/**
 * The measured side of one arm on one exchange, so that a candidate's row can carry its control's.
 * Intention to treat: a failed arm has `quality` 0, `divergence` 1, `error` true and null latency.
 */
export const Measured = z.object({
  error: z.boolean(),
  /** `q`: does the answer still do its job, in [0, 1]. */
  quality: unit,
  /** `D = 1 − s`: how far it is from the served answer, in [0, 1]. */
  divergence: unit,
  /** The answer judged by itself, without a reference: complete, not refused, valid where a format was asked for. */
  soundness: unit,
  ttftMs: z.number().nonnegative().nullable(),
  totalMs: z.number().nonnegative().nullable(),
  outputTokens: z.int().nonnegative().nullable(),
  costUsd: z.number().nonnegative().nullable(),
})
export type Measured = z.infer<typeof Measured>

/** One difference a person should see, in words and by path where there is one. Texts are cut to a bounded length. */
export const Difference = z.object({
  /** The rung that saw it: `status`, `finish`, `refusal`, `format`, `json`, `tools`, `facts`, `text`. */
  rung: z.string(),
  /** JSON path (RFC 6901 pointer) or null. */
  path: z.string().nullable(),
  message: z.string(),
  served: z.string().nullable(),
  arm: z.string().nullable(),
})
export type Difference = z.infer<typeof Difference>

/**
 * Served answer against one arm's observation. One immutable row per exchange and arm; a candidate's row carries the
 * control's measures of the same exchange, so that nothing on the report path joins.
 */
export const Comparison = z.object({
  version: z.literal(1),
  /** Equal to the observation's id: a comparison made again replaces itself. */
  comparisonId: z.uuid(),
  exchangeId: z.uuid(),
  arm: z.string(),
  armFingerprint: z.string(),
  capturedAt: z.iso.datetime({ precision: 3 }),
  comparedAt: z.iso.datetime({ precision: 3 }),
  route: z.string(),
  upstream: z.string(),
  conversationId: z.string(),
  sampleProbability: z.number().gt(0).lte(1),
  task: Task,
  /** The same for the same system prompt. Null or left out: it has none, or nobody knows. */
  promptId: z.string().nullable().optional(),
  streamed: z.boolean(),
  servedModel: z.string().nullable(),
  armModel: z.string(),
  /**
   * `equivalent`, `different`: compared. `failed`: the arm's failure, compared as such (intention to treat).
   * `not_comparable`: not the arm's doing (`reason` says whose); in no gate, always in the ledger.
   */
  outcome: z.enum(['equivalent', 'different', 'failed', 'not_comparable']),
  /**
   * For `not_comparable`: `served_error`, `not_asked:<reason>`, `unsupported_task:<task>`, `material_loss:<parameter>`.
   * For `failed`: the kind.
   */
  reason: z.string().nullable(),
  /** The rung of the ladder that decided `quality`. */
  decidedBy: z.string(),
  served: z.object({
    soundness: unit,
    ttftMs: z.number().nonnegative().nullable(),
    totalMs: z.number().nonnegative().nullable(),
    outputTokens: z.int().nonnegative().nullable(),
    costUsd: z.number().nonnegative().nullable(),
  }),
  measured: Measured.nullable(),
  /** Null for the control itself, where the control was not asked, or where its row is not comparable. */
  control: Measured.nullable(),
  controlFingerprint: z.string().nullable(),
  /** Scorer name → value in [0, 1], or in the scorer's own scale where its docstring says so. Absent: not applicable. */
  scores: z.record(z.string(), z.number()),
  differences: z.array(Difference),
  /** Beginning of each answer, for the list of worst differences (redacted as captured). */
  servedExcerpt: z.string(),
  armExcerpt: z.string(),
  losses: z.array(z.string()),
})
export type Comparison = z.infer<typeof Comparison>
