import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ErrorCode, UnderstudyError } from '../../errors.ts'

/** Marks the file as ours in its header (`PRAGMA application_id`): "UNDR". */
const applicationId = 0x554e4452
const schemaVersion = 1

/** Result codes of SQLite (sqlite.org/rescode.html), by their low byte. */
const resultCodes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
}

const schema = `
  CREATE TABLE partitions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
  ) WITHOUT ROWID;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    published_at_ms INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB NOT NULL
  );
  CREATE UNIQUE INDEX records_by_offset ON records (topic, partition, offset);
  CREATE TABLE members (
    consumer_group TEXT NOT NULL, member TEXT NOT NULL, topics TEXT NOT NULL, expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, member)
  ) WITHOUT ROWID;
  -- committed: the next offset the group has to handle. epoch: counts the owners, so that a former one cannot commit.
  CREATE TABLE claims (
    consumer_group TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    committed INTEGER NOT NULL, member TEXT, epoch INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer_group, topic, partition)
  ) WITHOUT ROWID;
`

/**
 * Opens the file, or makes it. FULL: a commit is on the disk when it returns, so neither `kill -9` nor a power cut loses an
 * acknowledged record, and offsets are never given out twice. (NORMAL would survive only the former.)
 */
export function openDatabase(file: string): DatabaseSync {
  return explained(file, () => {
    mkdirSync(dirname(file), { recursive: true })
    const db = new DatabaseSync(file, { timeout: 5_000 })
    try {
      refuseForeign(file, db)
      // Take effect on an empty file only. A page holds several records, so that fewer of them are written a commit;
      // the vacuum lets retention give space back to the disk.
      db.exec(
        'PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
      )
      db.exec('PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF')
      createSchema(db)
      return db
    } catch (err) {
      db.close()
      throw err
    }
  })
}

/** BEGIN IMMEDIATE: waits for the write lock at the start, where waiting is safe, instead of failing at the first write. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (err) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw err
  }
}

/** Runs the work and turns what SQLite or the file system throws into an error of ours, with its cure. */
export function explained<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (err) {
    throw err instanceof UnderstudyError ? err : explain(file, err)
  }
}

export function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

function createSchema(db: DatabaseSync): void {
  transaction(db, () => {
    if (pragma(db, 'user_version') === schemaVersion) return
    db.exec(schema)
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`)
  })
}

function refuseForeign(file: string, db: DatabaseSync): void {
  const isEmpty = pragma(db, 'schema_version') === 0
  if (!isEmpty && pragma(db, 'application_id') !== applicationId) {
    throw unusable('LOG_REFUSED', file, 'it is a database of another program', 'set log.embedded to a path of its own')
  }
  const version = pragma(db, 'user_version')
  if (version > schemaVersion) {
    const found = `a newer Understudy wrote it (format ${version}, this one reads ${schemaVersion})`
    throw unusable('LOG_REFUSED', file, found, 'upgrade this installation')
  }
}

function explain(file: string, err: unknown): UnderstudyError {
  const code = sqliteCode(err)
  if (code === resultCodes.notADatabase || code === resultCodes.corrupt) {
    const cure = 'set log.embedded to another path, or move the file away to begin with an empty log'
    return unusable('LOG_REFUSED', file, 'it is damaged or not an SQLite database', cure, err)
  }
  if (code === resultCodes.busy || code === resultCodes.locked) {
    return unusable('LOG_UNAVAILABLE', file, 'another process holds its lock', 'wait, or end what keeps it open', err)
  }
  if (code === resultCodes.full) {
    return unusable('LOG_UNAVAILABLE', file, 'the disk is full', 'free some space', err)
  }
  if (code === resultCodes.readOnly) {
    return unusable('LOG_UNAVAILABLE', file, 'it is read-only', 'make the file and its folder writable', err)
  }
  return unusable('LOG_UNAVAILABLE', file, fileProblem(file, err), 'check that log.embedded is a writable file', err)
}

function fileProblem(file: string, err: unknown): string {
  const code = err instanceof Error && 'code' in err ? String(err.code) : ''
  if (code !== 'ERR_SQLITE_ERROR') return `its folder ${dirname(file)} cannot be made (${code || 'unknown error'})`
  if (sqliteCode(err) === resultCodes.cannotOpen) {
    return existsSync(file) ? 'it cannot be opened' : `it cannot be made in ${dirname(file)}`
  }
  return sqliteCode(err) === resultCodes.ioError ? 'the disk failed to read or write it' : 'SQLite cannot use it'
}

function sqliteCode(err: unknown): number | undefined {
  return err instanceof Error && 'errcode' in err && typeof err.errcode === 'number' ? err.errcode & 0xff : undefined
}

function unusable(code: ErrorCode, file: string, what: string, cure: string, cause?: unknown): UnderstudyError {
  return new UnderstudyError(code, `The log ${file} cannot be used: ${what}; ${cure}.`, { cause })
}
