import { existsSync } from 'node:fs'
import { UnderstudyError } from '../../errors.ts'
import { type Topic } from '../topic-log.ts'
import { explained, openDatabase, transaction } from './sqlite.ts'

export type StoredValue = { topic: Topic; key: string; value: Uint8Array }
type Meets = (record: StoredValue) => boolean

/** Calls `see` for every record that the file holds, committed or not. A file that is not there holds none. */
export function eachRecord(file: string, see: (record: StoredValue) => void): void {
  if (!existsSync(file)) return
  explained(file, () => {
    const db = openDatabase(file)
    try {
      for (const row of db.prepare('SELECT topic, key, value FROM records').iterate())
        see(row as unknown as StoredValue)
    } finally {
      db.close()
    }
  })
}

/**
 * Takes records out of the file so that none of their bytes are left in it. Consumers go on behind the gaps. Needs as much free
 * disk as the file is large. LOG_UNAVAILABLE: another process reads the file at this moment, so that its journal still holds them.
 */
export function eraseRecords(file: string, meets: Meets): void {
  if (!existsSync(file)) return
  explained(file, () => {
    const db = openDatabase(file)
    try {
      db.exec('PRAGMA secure_delete = ON')
      const ids = [...idsOf(db, meets)]
      transaction(db, () => {
        const remove = db.prepare('DELETE FROM records WHERE id = ?')
        for (const id of ids) remove.run(id)
        db.exec(pastTheGaps)
      })
      // Also what retention deleted before is still in free pages.
      db.exec('VACUUM')
      const journal = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
      if (journal.busy !== 0) throw busy(file)
    } finally {
      db.close()
    }
  })
}

function* idsOf(db: ReturnType<typeof openDatabase>, meets: Meets): Generator<number> {
  for (const row of db.prepare('SELECT id, topic, key, value FROM records').iterate()) {
    const { id, ...record } = row as unknown as StoredValue & { id: number }
    if (meets(record)) yield id
  }
}

/** A group that waits for nothing but erased records has nothing to wait for. */
const pastTheGaps = `
  UPDATE claims SET committed = (
    SELECT next_offset FROM partitions p WHERE p.topic = claims.topic AND p.partition = claims.partition)
  WHERE NOT EXISTS (
    SELECT 1 FROM records r
    WHERE r.topic = claims.topic AND r.partition = claims.partition AND r.offset >= claims.committed)`

function busy(file: string): UnderstudyError {
  return new UnderstudyError(
    'LOG_UNAVAILABLE',
    `The journal of the log ${file} is being read by another process, so what was deleted is still in it: stop the stages that use the log, then do this again.`,
  )
}
