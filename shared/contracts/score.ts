import { z } from 'zod'

/** Record of the topic `scores`: what somebody or something else made of one answer. */
export const ImportedScore = z.object({
  version: z.literal(1),
  /** Derived from exchange, arm, name and `by`: what is imported again replaces itself. */
  scoreId: z.uuid(),
  exchangeId: z.uuid(),
  /** `served`, `control` or a candidate. */
  arm: z.string(),
  /** Of the comparison that it stands beside; empty for `served`. */
  armFingerprint: z.string(),
  capturedAt: z.iso.datetime({ precision: 3 }),
  name: z.string(),
  /** A tool, with its model where it says so, or a person. */
  by: z.string(),
  /** In its maker's own scale. */
  score: z.number(),
  reason: z.string().nullable(),
  importedAt: z.iso.datetime({ precision: 3 }),
})
export type ImportedScore = z.infer<typeof ImportedScore>
