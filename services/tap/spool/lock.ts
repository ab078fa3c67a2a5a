import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Holds a folder for this process, until it is released or the process ends in whatever way. SQLite brings the operating
 * system's file locks, which know a process better than its id does: ids come again, and differ between containers.
 * Null: somebody else holds it, and goes on to for `waitMs`.
 */
export function lockFolder(folder: string, waitMs = 0): { release(): void } | null {
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: waitMs })
  try {
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (err) {
    database.close()
    // SQLITE_BUSY
    if ((err as { errcode?: number }).errcode === 5) return null
    throw err
  }
}
