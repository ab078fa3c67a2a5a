import { z } from 'zod'

/**
 * Counts of exchanges that left no record of their own: what the tap served, sampled out or dropped, by reason. Later
 * stages are counted from their rows. Delivered twice is counted once, by `entryId`.
 */
export const LedgerEntry = z.object({
  version: z.literal(1),
  entryId: z.uuid(),
  /** Start of the hour the exchanges belong to. */
  hour: z.iso.datetime({ precision: 3 }),
  stage: z.enum(['tap', 'import']),
  upstream: z.string(),
  route: z.string(),
  outcome: z.enum(['served', 'sampled_out', 'opted_out', 'unsupported', 'dropped', 'published']),
  reason: z.string().nullable(),
  count: z.int().positive(),
})
export type LedgerEntry = z.infer<typeof LedgerEntry>
