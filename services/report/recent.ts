/** What took long is kept long: reading the store anew takes at most one part in so many of the time. */
const restPerWork = 20

/**
 * Keeps what `load` gave for a while, so that a dashboard, a rollout controller and a scrape that ask at the same time cost
 * one reading of the store. A failure is not kept.
 */
export function createRecent<T>(keptMs: number, now: () => number = Date.now) {
  const kept = new Map<string, { until: number; value: Promise<T> }>()
  return (key: string, load: () => Promise<T>): Promise<T> => {
    for (const [old, { until }] of kept) if (now() >= until) kept.delete(old)
    const found = kept.get(key)
    if (found) return found.value
    const startedAt = now()
    const entry = { until: Infinity, value: load() }
    kept.set(key, entry)
    entry.value.then(
      () => (entry.until = now() + Math.max(keptMs, restPerWork * (now() - startedAt))),
      () => kept.delete(key),
    )
    return entry.value
  }
}
