import { addTo, type Totals } from '../ledger.ts'

export const noTotals: Totals = {
  served: 0,
  sampled_out: 0,
  opted_out: 0,
  unsupported: 0,
  dropped: 0,
  published: 0,
  pending: 0,
  droppedByReason: {},
}

export function sumOf(each: readonly Totals[]): Totals {
  const sum = { ...noTotals, droppedByReason: {} }
  for (const { droppedByReason, ...counts } of each) {
    for (const [key, count] of Object.entries(counts)) sum[key as keyof typeof counts] += count
    for (const [reason, count] of Object.entries(droppedByReason)) addTo(sum.droppedByReason, reason, count)
  }
  return sum
}

/** Without what is pending, for which whoever takes over the spool's folder accounts. */
export function settledOf(totals: Totals): Totals {
  return { ...totals, served: totals.served - totals.pending, pending: 0 }
}

/**
 * The same with a `served` that never goes down: a counter that does is taken for one that began again. What a process
 * had pending when it died stays pending until another one tells what became of it.
 */
export function neverLower(read: () => Totals): () => Totals {
  let highest = 0
  return () => {
    const now = read()
    highest = Math.max(highest, now.served)
    return { ...now, served: highest, pending: now.pending + highest - now.served }
  }
}
