import { z } from 'zod'
import { Answer } from './answer.ts'
import { Chunk, Dialect, Exchange } from './exchange.ts'

/** Something the translation could not carry over. `material` may change the answer; `minor` cannot or hardly can. */
export const Loss = z.object({
  parameter: z.string(),
  kind: z.enum(['dropped', 'clamped', 'renamed', 'emulated']),
  severity: z.enum(['minor', 'material']),
  detail: z.string(),
})
export type Loss = z.infer<typeof Loss>

/** Why an arm was not asked, or its answer cannot be held against it: our own doing, never the candidate's. */
export const NotAskedReason = z.enum([
  'untranslatable',
  'body_not_captured',
  'body_not_json',
  'served_incomplete',
  'served_error',
  'not_replayable',
  'route_not_selected',
  /** The control only: no candidate could be asked, so its answer would be paid for and compared with nothing. */
  'no_pair',
  'budget_reached',
  /** A person paused the arm, or its provider was left alone, for longer than the other arms waited. */
  'paused',
  'breaker_open',
  /** A budget is set and the model has no price, so the budget could not be kept. */
  'unpriced',
  'credentials_rejected',
  /** The operator's account is exhausted or unpaid. */
  'quota',
  /** The provider knows no such model, or the address is wrong. */
  'model_not_found',
])
export type NotAskedReason = z.infer<typeof NotAskedReason>

/** Why a provider gave no usable answer. */
export const FailureKind = z.enum([
  'timeout',
  'connection',
  'rate_limited',
  'overloaded',
  'server_error',
  'bad_request',
  'malformed_answer',
  'incomplete_stream',
  'stream_error',
])
export type FailureKind = z.infer<typeof FailureKind>

/**
 * What one arm did with one exchange. Immutable.
 * `answered`: an answer to compare. `failed`: the arm's failure, counted against it. `not_asked`: ours, never counted
 * against it, always shown.
 */
export const Observation = z.object({
  version: z.literal(1),
  /** Derived from exchange, arm and arm fingerprint: a redelivery is the same observation. */
  observationId: z.uuid(),
  exchangeId: z.uuid(),
  arm: z.string(),
  /** Hash of what defines the arm (provider, model, prompt variant, parameters): other settings are another arm. */
  armFingerprint: z.string(),
  askedAt: z.iso.datetime({ precision: 3 }),
  dialect: Dialect,
  provider: z.string(),
  model: z.string(),
  streamed: z.boolean(),
  outcome: z.enum(['answered', 'failed', 'not_asked']),
  notAskedReason: NotAskedReason.nullable(),
  failureKind: FailureKind.nullable(),
  status: z.int().nullable(),
  answer: Answer.nullable(),
  chunks: z.array(Chunk),
  /** Getting a connection (about 0 for one that was kept); in neither `ttftMs` nor `totalMs`. */
  connectMs: z.number().nonnegative().nullable().optional(),
  ttftMs: z.number().nonnegative().nullable(),
  totalMs: z.number().nonnegative().nullable(),
  attempts: z.int().nonnegative(),
  /** Time spent waiting on rate limits and between attempts; in neither `ttftMs` nor `totalMs`. */
  waitedMs: z.number().nonnegative(),
  /** Null is "unpriced": no price for the model, or usage unknown. Never 0 for unknown. */
  costUsd: z.number().nonnegative().nullable(),
  losses: z.array(Loss),
})
export type Observation = z.infer<typeof Observation>

/** Record of the topic `observations`: an exchange with what every arm did with it, asked together. */
export const ObservationSet = z.object({
  version: z.literal(1),
  exchange: Exchange,
  /** What the served answer cost, by the same price book. */
  servedCostUsd: z.number().nonnegative().nullable(),
  observations: z.array(Observation).min(1),
})
export type ObservationSet = z.infer<typeof ObservationSet>
