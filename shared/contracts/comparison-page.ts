import { z } from 'zod'
import { PairOutcome } from './comparison.ts'
import { Task } from './exchange.ts'

const number = z.number().nullable()
const time = z.iso.datetime({ precision: 3 })

/** `worst`: what costs the most quality against the control first. Every order goes on with the newest first. */
export const ComparisonSort = z.enum(['newest', 'oldest', 'worst', 'divergence', 'slowest', 'dearest'])
export type ComparisonSort = z.infer<typeof ComparisonSort>

export const ComparisonOutcome = z.enum(['equivalent', 'different', 'failed', 'not_comparable'])
export type ComparisonOutcome = z.infer<typeof ComparisonOutcome>

/** One comparison as a list shows it. */
export const ComparisonLine = z.object({
  comparisonId: z.string(),
  exchangeId: z.string(),
  conversationId: z.string(),
  capturedAt: time,
  candidate: z.string(),
  route: z.string(),
  task: Task,
  outcome: ComparisonOutcome,
  reason: z.string().nullable(),
  /** Null where it is not comparable, and in rows from before it was kept. */
  finding: PairOutcome.nullable(),
  decidedBy: z.string(),
  quality: number,
  controlQuality: number,
  divergence: number,
  controlDivergence: number,
  /** `rung:kind`, each once. */
  kinds: z.array(z.string()),
  /** Where documents or tool calls differ. */
  paths: z.array(z.string()),
  losses: z.array(z.string()),
  /** Ids of waivers. */
  waived: z.array(z.string()),
  ttftMs: number,
  totalMs: number,
  servedTotalMs: number,
  costUsd: number,
  servedCostUsd: number,
  /** Beginnings of the answers. Null where they may not be shown, and where `texts=false` did not ask for them. */
  servedExcerpt: z.string().nullable(),
  armExcerpt: z.string().nullable(),
})
export type ComparisonLine = z.infer<typeof ComparisonLine>

/** `GET /api/v1/comparisons`. A page may be short, or empty, where a search is not over: `next` tells. */
export const ComparisonPage = z.object({
  version: z.literal(1),
  comparisons: z.array(ComparisonLine),
  /** For the parameter `cursor` of the next page, with all other parameters as they were; null: this was the last one. */
  next: z.string().nullable(),
})
export type ComparisonPage = z.infer<typeof ComparisonPage>

/** `GET /api/v1/comparisons/texts`: beginnings of the answers of some lines, in any order. A line that is there no more is left out. */
export const ComparisonTexts = z.object({
  version: z.literal(1),
  texts: z.array(ComparisonLine.pick({ comparisonId: true, servedExcerpt: true, armExcerpt: true })),
})
export type ComparisonTexts = z.infer<typeof ComparisonTexts>
