import { UnderstudyError } from '../errors.ts'
import { type Store } from '../store/store.ts'
import { type About, hashOf, type Subject, subjectsOf } from './about.ts'

export type ErasureList = {
  /** Was nothing ever erased, as far as was known a second ago? */
  isEmpty(): Promise<boolean>
  /** For each: was it, or whom it is about, erased after it was captured? */
  areErased(records: readonly (About | null)[]): Promise<boolean[]>
}

/** How long an empty list is taken to be still empty. Whoever erases beside a running stage waits longer. */
const emptyForMs = 1_000
export const settlesAfterMs = 3 * emptyForMs

/**
 * The list as `record` and `replay` consult it: one look at the store a batch, and one a second where nothing was ever erased. Where it cannot
 * be read, records wait (STORE_UNAVAILABLE): whatever the reason, it is none of theirs.
 */
export function openErasureList(store: Pick<Store, 'query'>, now = () => performance.now()): ErasureList {
  let emptyUntilMs = -Infinity

  async function ask<T>(sql: string, params: Record<string, unknown> = {}): Promise<T[]> {
    try {
      return await store.query<T>(sql, params)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const cure = 'nothing is stored until the table `erasures` can be read; `understudy migrate` makes it'
      throw new UnderstudyError('STORE_UNAVAILABLE', `${why}. ${cure}`, { cause })
    }
  }

  async function isEmpty(): Promise<boolean> {
    if (now() < emptyUntilMs) return true
    const asked = now()
    const [row] = await ask<{ n: number }>('SELECT toFloat64(count()) AS n FROM erasures')
    if (row!.n > 0) return false
    emptyUntilMs = asked + emptyForMs
    return true
  }

  return {
    isEmpty,
    async areErased(records) {
      const hashes = records.map((about) => (about === null ? [] : subjectsOf(about).map(hashOf)))
      const rows = await ask<{ hash: string; untilMs: number }>(
        `SELECT subject_hash AS hash, toFloat64(toUnixTimestamp64Milli(max(captured_until))) AS untilMs FROM erasures
         WHERE subject_hash IN ({hashes:Array(String)}) GROUP BY hash`,
        { hashes: [...new Set(hashes.flat())] },
      )
      const untilMs = new Map(rows.map((row) => [row.hash, row.untilMs]))
      return records.map((about, index) =>
        hashes[index]!.some(
          (hash) => Date.parse(about!.capturedAt ?? '1970-01-01') <= (untilMs.get(hash) ?? -Infinity),
        ),
      )
    },
  }
}

/** From now on nothing about them that was captured up to `at` is stored. */
export async function addToErasureList(
  store: Pick<Store, 'insert'>,
  subjects: readonly Subject[],
  { at, expiresAt }: { at: Date; expiresAt: Date },
): Promise<void> {
  const rows = subjects.map((subject) => ({
    subject_hash: hashOf(subject),
    kind: subject.kind,
    captured_until: at.toISOString(),
    erased_at: at.toISOString(),
    expires_at: expiresAt.toISOString(),
  }))
  for (let from = 0; from < rows.length; from += 10_000) await store.insert('erasures', rows.slice(from, from + 10_000))
}
