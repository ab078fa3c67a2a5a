import { type DatabaseSync } from 'node:sqlite'

/**
 * What was read of a database, for as long as no other connection commits to it. Whoever writes says here what it wrote.
 * Without it each call would count all calls in flight anew.
 */
export type ReadCache = {
  /** Forgets everything where another connection has committed; to be called where reading begins. */
  refresh(): void
  get<T>(key: string, read: () => T): T
  set(key: string, value: unknown): void
  /** Adds to a number, where it is known. */
  add(key: string, amount: number): void
  clear(): void
}

export function createReadCache(db: DatabaseSync): ReadCache {
  const known = new Map<string, unknown>()
  const versionOf = db.prepare('PRAGMA data_version')
  let seen: unknown
  return {
    refresh() {
      const version = versionOf.get()!['data_version']
      if (version !== seen) known.clear()
      seen = version
    },
    get<T>(key: string, read: () => T): T {
      if (!known.has(key)) known.set(key, read())
      return known.get(key) as T
    },
    set: (key, value) => void known.set(key, value),
    add(key, amount) {
      const value = known.get(key)
      if (typeof value === 'number') known.set(key, value + amount)
    },
    clear: () => known.clear(),
  }
}
