import { z } from 'zod'
import { Difference } from './comparison.ts'

const count = z.int().nonnegative()

/** What a waiver covers; what is left out covers all. At least one of rung, path and pattern. */
export const WaiverRule = z.strictObject({
  rung: z.enum(['refusal', 'finish', 'format', 'tools', 'json', 'label', 'facts', 'text', 'scorer']).optional(),
  /** JSON pointer of the field; `*` stands for any run of characters. */
  path: z.string().optional(),
  /** Regular expression over the difference's message, the served and the arm's part. */
  pattern: z.string().optional(),
  route: z.string().optional(),
  arm: z.string().optional(),
})
export type WaiverRule = z.infer<typeof WaiverRule>

/** `POST /api/v1/waivers/preview`; `since` as everywhere: `7d`, or a date. Changes nothing. */
export const WaiverPreviewRequest = z.strictObject({
  candidate: z.string(),
  rule: WaiverRule,
  since: z.string().optional(),
})
export type WaiverPreviewRequest = z.infer<typeof WaiverPreviewRequest>

/**
 * What the rule would waive of the stored comparisons of the candidate. By the differences as they were recorded, at most some for each
 * pair, so that it is told at once; `compare --rescore` tells exactly.
 */
export const WaiverPreview = z.object({
  version: z.literal(1),
  candidate: z.string(),
  /** The rule in a line, as reports have it, and its id. */
  covers: z.string(),
  waiverId: z.string(),
  /** Pairs that were compared. */
  compared: count,
  /** Of those, the ones that differ. */
  different: count,
  /** Of those, the ones with a difference that it covers. */
  pairs: count,
  /** Of those, the ones of which no other difference is recorded. */
  waivedPairs: count,
  /** `waivedPairs` of `compared`; null where nothing was compared. */
  share: z.number().nullable(),
  /** Pairs of the control with a covered difference: a rule that covers these is about noise. */
  controlPairs: count,
  /** Not all pairs that differ were looked at: the newest were. */
  cut: z.boolean(),
  examples: z.array(
    z.object({
      exchangeId: z.string(),
      route: z.string(),
      capturedAt: z.iso.datetime({ precision: 3 }),
      outcome: z.string(),
      quality: z.number().nullable(),
      /** The covered ones. Texts of users in them are null where they may not be shown. */
      differences: z.array(Difference),
      /** How many others the pair has. */
      others: count,
    }),
  ),
})
export type WaiverPreview = z.infer<typeof WaiverPreview>

/** `POST /api/v1/waivers` (admin). The author is who asks, unless another is named. */
export const WaiverRequest = z.strictObject({
  rule: WaiverRule,
  reason: z.string().trim().min(1),
  author: z.string().trim().min(1).optional(),
  /** Last day (UTC) on which it holds. */
  expires: z.iso.date(),
})
export type WaiverRequest = z.infer<typeof WaiverRequest>

/** 201 where it was kept in the file that `waiversFile` names, else 200: then `yaml` is to be pasted by a person. */
export const WaiverKept = z.object({
  version: z.literal(1),
  waiverId: z.string(),
  covers: z.string(),
  /** As it stands under `waivers:`. */
  yaml: z.string(),
  /** Name of the file it was added to; null: none. */
  keptIn: z.string().nullable(),
  /** What is left to do, in words. */
  next: z.string(),
})
export type WaiverKept = z.infer<typeof WaiverKept>
