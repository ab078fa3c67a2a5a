/**
 * Keeps what `load` gave for a while, so that a dashboard, a rollout controller and a scrape that ask at the same time cost
 * one reading of the store. A failure is not kept.
 */
export function createRecent<T>(keptMs: number, now: () => number = Date.now) {
  const kept = new Map<string, { at: number; value: Promise<T> }>()
  return (key: string, load: () => Promise<T>): Promise<T> => {
    for (const [old, { at }] of kept) if (now() - at >= keptMs) kept.delete(old)
    const found = kept.get(key)
    if (found) return found.value
    const value = load()
    kept.set(key, { at: now(), value })
    value.catch(() => kept.delete(key))
    return value
  }
}
