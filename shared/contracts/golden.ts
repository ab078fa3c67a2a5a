import { z } from 'zod'
import { Exchange, Task } from './exchange.ts'
import { ReviewedAnswer, ReviewLabel } from './review.ts'

const number = z.number().nullable()
const count = z.int().nonnegative()
const time = z.iso.datetime({ precision: 3 })

/** Lower-case letters, digits and hyphens. */
export const GoldenName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens')

/** By what exchanges are told apart before some of each kind are drawn. */
export const GoldenStratum = z.enum(['route', 'task', 'language', 'outcome', 'tools', 'length', 'tier'])
export type GoldenStratum = z.infer<typeof GoldenStratum>

/** How a set is drawn: with the same, the same exchanges come out of the same store. */
export const GoldenSpec = z.strictObject({
  size: z.int().min(1).max(10_000),
  seed: z.int().nonnegative(),
  /** Exchanges captured from then on, up to and including `until`. */
  since: time.nullable(),
  until: time,
  by: z.array(GoldenStratum),
  /** Share of the set that is kept back for the final sign-off. */
  holdoutShare: z.number().min(0).max(0.9),
  /** Candidate whose comparisons say the outcome, and whose scores are kept; null: the control's. */
  candidate: z.string().nullable(),
})
export type GoldenSpec = z.infer<typeof GoldenSpec>

/** What was found to be right, by a person. */
export const GroundTruth = z.object({
  /** A text, or JSON as its text. */
  answer: z.string(),
  by: z.string(),
  importedAt: time,
})
export type GroundTruth = z.infer<typeof GroundTruth>

/** One exchange of a set, complete in itself. Its hash is SHA-256 over its canonical JSON (RFC 8785). */
export const GoldenItem = z.object({
  version: z.literal(1),
  /** The whole record, as it was captured: prompt, context, model and parameters, what was served and how fast. */
  exchange: Exchange,
  /** `route=support · task=text · …`. */
  stratum: z.string(),
  split: z.enum(['dev', 'holdout']),
  /** Chance of the exchange to be in the set, given that it was captured. */
  inclusionProbability: z.number().gt(0).lte(1),
  language: z.string().nullable(),
  task: Task,
  /** Of every arm it was compared with, when it was frozen. */
  automated: z.array(
    z.object({
      arm: z.string(),
      armFingerprint: z.string(),
      outcome: z.string(),
      decidedBy: z.string(),
      quality: number,
      divergence: number,
      scores: z.record(z.string(), z.number()),
    }),
  ),
  /** Labels in force when it was frozen. */
  human: z.array(
    z.object({
      reviewer: z.string(),
      arm: z.string(),
      about: ReviewedAnswer,
      label: ReviewLabel,
      note: z.string().nullable(),
    }),
  ),
  groundTruth: GroundTruth.nullable(),
  notes: z.string().nullable(),
})
export type GoldenItem = z.infer<typeof GoldenItem>

/** One exchange of a set as people and other tools read it: what exports give, and the dashboard shows. */
export const GoldenRow = z.object({
  id: z.string(),
  split: z.enum(['dev', 'holdout']),
  stratum: z.string(),
  weight: z.number(),
  capturedAt: time,
  route: z.string(),
  task: Task,
  language: z.string().nullable(),
  /** What was last said to the model. */
  prompt: z.string(),
  /** What was said before: system prompt first, each turn under the name of who spoke. */
  context: z.array(z.string()),
  /** Provider's side of the request: upstream, dialect, model, and the parameters of the body but for what was said. */
  modelConfig: z.record(z.string(), z.json()),
  groundTruth: z.string().nullable(),
  servedOutput: z.string(),
  latencyMs: number,
  ttftMs: number,
  inputTokens: number,
  outputTokens: number,
  automatedScores: GoldenItem.shape.automated,
  humanScores: GoldenItem.shape.human,
  notes: z.string().nullable(),
})
export type GoldenRow = z.infer<typeof GoldenRow>

/** The hold-out was opened: what is said of it from then on is no longer about exchanges that nobody has looked at. */
export const GoldenOpening = z.object({
  openedAt: time,
  openedBy: z.string(),
  /** `run`: for a sign-off of this candidate; `export`. */
  how: z.enum(['run', 'export']),
  candidate: z.string().nullable(),
  armFingerprint: z.string().nullable(),
  /** Of the version that was opened. */
  address: z.string(),
})
export type GoldenOpening = z.infer<typeof GoldenOpening>

/** One frozen set. Nothing of it changes; imported ground truth makes another version of the same name. */
export const GoldenSet = z.object({
  name: z.string(),
  /** `sha256:` over canonical JSON of name, version, parent, spec and the hashes of all items in order. */
  address: z.string(),
  /** 1 for the first of its name. */
  setVersion: z.int().positive(),
  /** Address of the version it was made from; null for the first. */
  parent: z.string().nullable(),
  frozenAt: time,
  frozenBy: z.string(),
  spec: GoldenSpec,
  items: count,
  holdout: count,
  withGroundTruth: count,
  /** Items that were erased since: their hashes stay in the address, and nothing else of them. */
  erased: count,
  strata: z.array(z.object({ stratum: z.string(), exchanges: count, items: count })),
  /** Of any version of the name, the oldest first. */
  openings: z.array(GoldenOpening),
})
export type GoldenSet = z.infer<typeof GoldenSet>

/** `GET /api/v1/golden`: the newest version of each name. */
export const GoldenSets = z.object({ version: z.literal(1), sets: z.array(GoldenSet) })
export type GoldenSets = z.infer<typeof GoldenSets>

/** `GET /api/v1/golden/:name?version=&limit=&offset=`. Rows are of the part for development: the hold-out is counted, and not shown. */
export const GoldenSetView = z.object({
  version: z.literal(1),
  set: GoldenSet,
  /** Every version of the name, the newest first. */
  versions: z.array(z.object({ setVersion: z.int().positive(), address: z.string(), frozenAt: time })),
  /** Empty where the asker may not read texts. */
  rows: z.array(GoldenRow),
  /** All items that are there hash to what the address says. */
  intact: z.boolean(),
})
export type GoldenSetView = z.infer<typeof GoldenSetView>

/** `POST /api/v1/golden` (admin), answered by 201 and a `GoldenFrozen`. */
export const GoldenFreezeRequest = z.strictObject({
  name: GoldenName,
  size: GoldenSpec.shape.size,
  seed: GoldenSpec.shape.seed.default(1),
  /** `30d`, or a date. */
  since: z.string().optional(),
  by: GoldenSpec.shape.by.default(['route', 'task', 'language', 'outcome']),
  holdoutShare: GoldenSpec.shape.holdoutShare.default(0.3),
  candidate: z.string().optional(),
})
export type GoldenFreezeRequest = z.input<typeof GoldenFreezeRequest>

export const GoldenFrozen = z.object({ version: z.literal(1), set: GoldenSet })
export type GoldenFrozen = z.infer<typeof GoldenFrozen>

/** `GET /api/v1/golden/:name/export?format=`: an attachment in the form of the tool that is named. Never the hold-out. */
export const GoldenFormat = z.enum(['jsonl', 'csv', 'promptfoo', 'deepeval', 'ragas', 'openai-evals'])
export type GoldenFormat = z.infer<typeof GoldenFormat>
