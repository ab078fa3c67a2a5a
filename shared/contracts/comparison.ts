import { z } from 'zod'
import { Task } from './exchange.ts'

/** Of how answers are scored. Raised with every change that may alter a score: evidence under two of them is never one. */
export const scoringVersion = 1

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

/**
 * What a pair of answers comes to. `same`: the same in other bytes. `harmless`: something differs and nothing that matters.
 * `harmful`: acting on the one instead of the other can do damage, or breaks the client. `unsure`: nothing that can be
 * checked speaks against it, and too much is said differently to know: for a judge or a person.
 */
export const PairOutcome = z.enum(['same', 'harmless', 'harmful', 'unsure'])
export type PairOutcome = z.infer<typeof PairOutcome>

const scores = z.record(z.string(), z.number())

/** What was found in one arm's answer beside its measures, in a form that can be counted over traffic. */
export const Found = z.object({
  /** A failure is `harmful`. */
  finding: PairOutcome,
  /** What differs, each once, as `rung:kind`: `refusal:refusal_added`, `facts:amount`, `json:missing`, … */
  kinds: z.array(z.string()),
  /**
   * Where JSON documents or tool calls differ, each place once: pointers with `*` for any index (`/lines/*`), behind the name
   * of the tool for its arguments (`create_refund/amount`); the name alone where the call itself differs.
   */
  paths: z.array(z.string()),
  /** The answer to a label task, in the form in which it was compared and cut. */
  label: z.string().nullable(),
})
export type Found = z.infer<typeof Found>

/** The same of the control: with its rung and scores, which the arm's row has elsewhere. */
export const ControlFound = Found.extend({ decidedBy: z.string(), scores })
export type ControlFound = z.infer<typeof ControlFound>

/** One difference a person should see, in words and by path where there is one. Texts are cut to a bounded length. */
export const Difference = z.object({
  /** The rung that saw it: `status`, `finish`, `refusal`, `format`, `json`, `tools`, `facts`, `text`, `label`, `scorer`. */
  rung: z.string(),
  /** JSON path (RFC 6901 pointer) or null. */
  path: z.string().nullable(),
  message: z.string(),
  served: z.string().nullable(),
  arm: z.string().nullable(),
  /** Id of the waiver by which it does not count. */
  waivedBy: z.string().optional(),
})
export type Difference = z.infer<typeof Difference>

const score = z.literal([0, 0.5, 1])

/**
 * What a judge said of a pair that it was to be asked about. The scores are the arm's: won 1, tie 0.5, lost 0.
 * `decided`: quality is the judge's. All others leave quality as the ladder had it. `inconsistent`: won in one order, lost
 * in the other. `unpaired`: judged, but the other answer of the pair (control or candidate) could not be. `error`: the
 * judge gave no verdict. `not_asked`: it may not be asked, or no longer today.
 */
export const Judgement = z.object({
  /** Of the instrument: model, prompt, rubrics. */
  version: z.string(),
  state: z.enum(['decided', 'inconsistent', 'unpaired', 'error', 'not_asked']),
  /** Why there is no verdict: `refused`, `unparsable`, `timeout`, `budget_reached`, `own_family`, … */
  reason: z.string().nullable(),
  /** With the served answer in the first place. */
  servedFirst: score.nullable(),
  armFirst: score.nullable(),
  /** The prompt does not hold all of the request or of an answer. */
  cut: z.boolean(),
  /** Characters of the arm's answer per character of the served one; null where that is empty. */
  lengthRatio: z.number().nonnegative().nullable(),
  /** Of the calls made for this pair; null: some have no price. */
  costUsd: z.number().nonnegative().nullable(),
  /** What quality is without the judge. */
  ladderQuality: unit,
})
export type Judgement = z.infer<typeof Judgement>

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
  /** When the arm was asked: tells newer settings from older ones, however often they are compared again. */
  askedAt: z.iso.datetime({ precision: 3 }).nullable().default(null),
  comparedAt: z.iso.datetime({ precision: 3 }),
  route: z.string(),
  upstream: z.string(),
  conversationId: z.string(),
  /** The exchange's. */
  tenantId: z.string().nullable().optional(),
  sampleProbability: z.number().gt(0).lte(1),
  task: Task,
  /** What kind of request it was, beside route and task. Absent in records of before. */
  request: z
    .object({
      /** ISO 639-1; null where it cannot be told. */
      language: z.string().nullable(),
      /** Null where the body was not kept. */
      hasTools: z.boolean().nullable(),
      /** As the served model counted them, else estimated from the size. */
      promptTokens: z.int().nonnegative().nullable(),
      /** Of the tenant: header `x-understudy-tier`, else `metadata.tier` of the body. */
      tier: z.string().nullable(),
    })
    .default({ language: null, hasTools: null, promptTokens: null, tier: null }),
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
  /** Null where it is not comparable, and in records from before it was recorded. */
  found: Found.nullable().default(null),
  /** Null wherever `control` is. */
  controlFound: ControlFound.nullable().default(null),
  /** What is told of the served answer by itself, without another to hold it against. */
  servedFound: z.object({ label: Found.shape.label, scores }).default({ label: null, scores: {} }),
  /** Null: not one of the pairs that a judge is asked about. */
  judge: Judgement.nullable().optional(),
  controlJudge: Judgement.nullable().optional(),
  /** Scorer name → value in [0, 1], or in the scorer's own scale where its docstring says so. Absent: not applicable. */
  scores,
  differences: z.array(Difference),
  /** Beginning of each answer, for the list of worst differences (redacted as captured). */
  servedExcerpt: z.string(),
  armExcerpt: z.string(),
  losses: z.array(z.string()),
  /** What the answers were compared by: the ladder, and the waivers and scorers of the config. Empty: from before it was kept. */
  scorerVersion: z.string().default(''),
  /** Ids of the waivers without which `quality` would be lower. */
  waived: z.array(z.string()).default([]),
  /** Scorers of the config that gave no score, each with the reason. */
  notScored: z.record(z.string(), z.string()).default({}),
  /** Scores are of so many characters of each text, because one is longer; null: of all. */
  scoredChars: z.int().positive().nullable().default(null),
})
export type Comparison = z.infer<typeof Comparison>
