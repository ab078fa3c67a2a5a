import { z } from 'zod'
import { Answer, ToolCall } from './answer.ts'
import { Difference, Judgement, PairOutcome } from './comparison.ts'
import { Chunk, Dialect, Headers, Task, WireEnd } from './exchange.ts'
import { FailureKind, Loss, NotAskedReason } from './observation.ts'
import { ComparisonOutcome } from './comparison-page.ts'

const number = z.number().nullable()
const time = z.iso.datetime({ precision: 3 })

/** A text that is shown up to a bound. `chars` is its whole length in UTF-16 units; `cut`: only its beginning is here. */
export const ShownText = z.object({ text: z.string(), chars: z.int().nonnegative(), cut: z.boolean() })
export type ShownText = z.infer<typeof ShownText>

/** An answer in canonical form with its texts as shown. */
export const ShownAnswer = Answer.omit({
  text: true,
  thinkingText: true,
  refusalText: true,
  toolCalls: true,
  serverToolCalls: true,
}).extend({
  text: ShownText,
  thinkingText: ShownText,
  refusalText: ShownText.nullable(),
  toolCalls: z.array(ToolCall.omit({ argumentsText: true }).extend({ argumentsText: ShownText })),
  serverToolCalls: z.array(ToolCall.omit({ argumentsText: true }).extend({ argumentsText: ShownText })),
})
export type ShownAnswer = z.infer<typeof ShownAnswer>

/**
 * `stored`: they are in here. `deleted`: kept once, gone by now (retention, erasure). `hidden`: there, and not for whoever asks,
 * or sealed with a key that is not configured. `none`: never kept, as in capture mode `metadata`. Why, in words, is in `reason`.
 */
export const BodiesState = z.object({
  state: z.enum(['stored', 'deleted', 'hidden', 'none']),
  reason: z.string().nullable(),
})
export type BodiesState = z.infer<typeof BodiesState>

/** One operation of RFC 6902, which leads from the served document to the arm's. */
export const PatchOperation = z.object({
  op: z.enum(['add', 'remove', 'replace']),
  path: z.string(),
  value: z.json().optional(),
  /** What the served document has there; absent for `add`. */
  served: z.json().optional(),
})
export type PatchOperation = z.infer<typeof PatchOperation>

/** `of`: the JSON of both texts, or the arguments of the tools that were called, as `[{ name, arguments }]`. */
export const AnswerPatch = z.object({
  of: z.enum(['text', 'tools']),
  operations: z.array(PatchOperation),
  /** There are more operations than these. */
  cut: z.boolean(),
})
export type AnswerPatch = z.infer<typeof AnswerPatch>

/** Served answer against the arm's. */
export const ComparisonView = z.object({
  comparisonId: z.string(),
  comparedAt: time,
  outcome: ComparisonOutcome,
  reason: z.string().nullable(),
  finding: PairOutcome.nullable(),
  /** Rung of the ladder. */
  decidedBy: z.string(),
  scorerVersion: z.string(),
  task: Task,
  quality: number,
  divergence: number,
  soundness: number,
  servedSoundness: number,
  /** Of the same exchange; null for the control itself, and without one. */
  controlQuality: number,
  controlDivergence: number,
  scores: z.record(z.string(), z.number()),
  servedScores: z.record(z.string(), z.number()),
  /** Scorer of the config → why it gave no score. */
  notScored: z.record(z.string(), z.string()),
  kinds: z.array(z.string()),
  paths: z.array(z.string()),
  /** Texts of users in them are null where they may not be shown. */
  differences: z.array(Difference),
  waived: z.array(z.string()),
  label: z.string().nullable(),
  servedLabel: z.string().nullable(),
  /** Null: not one of the pairs that a judge is asked about. */
  judge: Judgement.nullable(),
  /** Beginnings of both answers, kept longer than the answers. Null where they may not be shown. */
  servedExcerpt: z.string().nullable(),
  armExcerpt: z.string().nullable(),
  /** Arm minus served; null where one of them is unknown. */
  deltas: z.object({ ttftMs: number, totalMs: number, outputTokens: number, costUsd: number }),
  /** Null where there are no two documents to hold against each other. */
  patch: AnswerPatch.nullable(),
})
export type ComparisonView = z.infer<typeof ComparisonView>

/** What one arm did with the exchange: the newest of its settings, unless another fingerprint is asked for. */
export const ArmView = z.object({
  arm: z.string(),
  isControl: z.boolean(),
  armFingerprint: z.string(),
  observationId: z.string(),
  askedAt: time,
  provider: z.string(),
  model: z.string(),
  dialect: Dialect,
  streamed: z.boolean(),
  outcome: z.enum(['answered', 'failed', 'not_asked']),
  notAskedReason: NotAskedReason.nullable(),
  failureKind: FailureKind.nullable(),
  status: z.int().nullable(),
  bodies: BodiesState,
  /** Null where there is none, and where `bodies` is not `stored`. */
  answer: ShownAnswer.nullable(),
  /** Empty where it is not streamed, or no longer stored. */
  chunks: z.array(Chunk),
  connectMs: number,
  ttftMs: number,
  totalMs: number,
  waitedMs: z.number(),
  attempts: z.int().nonnegative(),
  inputTokens: number,
  cachedInputTokens: number,
  outputTokens: number,
  reasoningTokens: number,
  /** Null is unpriced. */
  costUsd: number,
  /** What the translation could not carry over. In which way and why is known as long as the answer is stored. */
  losses: z.array(Loss.extend({ kind: Loss.shape.kind.nullable(), detail: z.string().nullable() })),
  comparison: ComparisonView.nullable(),
})
export type ArmView = z.infer<typeof ArmView>

/** `GET /api/v1/exchanges/:id`: everything that is kept of one exchange. */
export const ExchangeView = z.object({
  version: z.literal(1),
  exchangeId: z.string(),
  capturedAt: time,
  source: z.enum(['tap', 'import', 'api']),
  upstream: z.string(),
  route: z.string(),
  task: Task.nullable(),
  conversationId: z.string(),
  /** Salted hash; null: none was named. */
  tenantId: z.string().nullable(),
  sampleProbability: z.number(),
  captureMode: z.enum(['full', 'redacted', 'metadata']),
  dialect: Dialect,
  bodies: BodiesState,
  request: z.object({
    method: z.string(),
    path: z.string(),
    model: z.string().nullable(),
    streamed: z.boolean(),
    sizeBytes: z.int().nonnegative(),
    /** By allow-list; never a credential. */
    headers: Headers,
    /** Null where `bodies` is not `stored`, and where it is not text (base64). */
    body: ShownText.nullable(),
    encoding: z.enum(['utf8', 'base64']),
    /** It was longer than the tap keeps. */
    truncated: z.boolean(),
  }),
  served: z.object({
    status: z.int().nullable(),
    end: WireEnd,
    model: z.string().nullable(),
    answer: ShownAnswer.nullable(),
    /** As it was on the wire, where it was not understood as an answer. */
    body: ShownText.nullable(),
    headers: Headers,
    chunks: z.array(Chunk),
    ttftMs: number,
    totalMs: number,
    inputTokens: number,
    cachedInputTokens: number,
    outputTokens: number,
    reasoningTokens: number,
    costUsd: number,
    errorType: z.string().nullable(),
    anomalies: z.array(z.string()),
  }),
  /** The control first, then the candidates of the config, then those that are in it no more. */
  arms: z.array(ArmView),
})
export type ExchangeView = z.infer<typeof ExchangeView>
