/**
 * What took long is kept long: reading the store anew takes at most one part in so many of the time. The first time says nothing of
 * the next: all is cold then, and a page that was shown an empty store would go on being shown it.
 */
const restPerWork = 5
/** Nobody waits so long for what was known a while ago. */
const longMs = 5_000

/** What is over millions of rows is shown as of its own moment, which it tells, rather than waited for. */
export const staleMs = 600_000

export type RecentOptions = {
  /** For so long after it is old, what takes long to load is given as it was while it is loaded anew. */
  staleMs?: number
  now?: () => number
}

type Entry<T> = { value: Promise<T>; until: number; tookMs: number; next: Promise<void> | null }

/**
 * Keeps what `load` gave for a while, so that a dashboard, a rollout controller and a scrape that ask at the same time cost
 * one reading of the store. A failure is not kept.
 */
export function createRecent<T>(keptMs: number, { staleMs = 0, now = Date.now }: RecentOptions = {}) {
  const kept = new Map<string, Entry<T>>()
  const warm = new Set<string>()
  const goneAt = ({ until, tookMs }: Entry<T>) => until + (tookMs > longMs ? staleMs : 0)

  function begin(key: string, load: () => Promise<T>): Entry<T> {
    const startedAt = now()
    const parts = warm.has(key) ? restPerWork : 0
    warm.add(key)
    const entry: Entry<T> = { value: load(), until: Infinity, tookMs: 0, next: null }
    const settle = () => {
      entry.tookMs = now() - startedAt
      entry.until = now() + Math.max(keptMs, parts * entry.tookMs)
    }
    entry.value.then(settle, () => {})
    return entry
  }

  function forget(key: string, entry: Entry<T>): void {
    if (kept.get(key) === entry) kept.delete(key)
  }

  /** The old one stays where the new one fails, until it is too old. */
  function renew(key: string, old: Entry<T>, load: () => Promise<T>): void {
    const entry = begin(key, load)
    old.next = entry.value.then(
      () => void kept.set(key, entry),
      () => void (old.next = null),
    )
  }

  return (key: string, load: () => Promise<T>): Promise<T> => {
    for (const [old, entry] of kept) if (now() >= goneAt(entry)) kept.delete(old)
    const found = kept.get(key)
    if (found !== undefined) {
      if (now() >= found.until && found.next === null) renew(key, found, load)
      return found.value
    }
    const entry = begin(key, load)
    kept.set(key, entry)
    entry.value.catch(() => forget(key, entry))
    return entry.value
  }
}
