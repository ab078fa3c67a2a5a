import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UnderstudyError } from '../errors.ts'

const schema = `
  -- What is written here lives for a day or for one call: a file that is lost costs the day's count, no record.
  CREATE TABLE IF NOT EXISTS workers (worker TEXT PRIMARY KEY, expires_at_ms REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS calls (
    call INTEGER PRIMARY KEY, worker TEXT NOT NULL, arm TEXT NOT NULL, provider TEXT NOT NULL, day TEXT NOT NULL,
    usd REAL NOT NULL
  );
  -- Settled calls, and the estimates of workers that died with calls in flight.
  CREATE TABLE IF NOT EXISTS spending (
    arm TEXT NOT NULL, day TEXT NOT NULL, usd REAL NOT NULL, PRIMARY KEY (arm, day)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, paid_until_ms REAL NOT NULL, at_ms REAL NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS holds (name TEXT PRIMARY KEY, until_ms REAL NOT NULL, at_ms REAL NOT NULL) WITHOUT ROWID;
  -- failures: in a row. openings: how often in a row the provider was left alone.
  CREATE TABLE IF NOT EXISTS breakers (
    provider TEXT PRIMARY KEY, failures INTEGER NOT NULL, openings INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- The id too: a log that was made anew gives its offsets out again.
  CREATE TABLE IF NOT EXISTS done (
    partition INTEGER NOT NULL, offset INTEGER NOT NULL, exchange_id TEXT NOT NULL, PRIMARY KEY (partition, offset)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS pauses (arm TEXT PRIMARY KEY) WITHOUT ROWID;
  -- Since when an arm is paused, or a provider is left alone without an answer in between.
  CREATE TABLE IF NOT EXISTS absences (name TEXT PRIMARY KEY, since_ms REAL NOT NULL) WITHOUT ROWID;
`

/**
 * NORMAL, in WAL mode: `kill -9` undoes nothing; a power cut may undo the last moments, calls in flight among them, and
 * waiting for the disk twice per call would be the dearer choice.
 */
export function openTables(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    const db = new DatabaseSync(file, { timeout: 5_000 })
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304')
    db.exec(schema)
    return db
  } catch (err) {
    throw unusable(file, err)
  }
}

export function statementsOf(db: DatabaseSync) {
  return {
    beat: db.prepare(
      'INSERT INTO workers VALUES (?, ?) ON CONFLICT DO UPDATE SET expires_at_ms = excluded.expires_at_ms',
    ),
    // Far in the future: the clock was set back since.
    buryDead: db.prepare('DELETE FROM workers WHERE expires_at_ms <= ? OR expires_at_ms > ?'),
    leave: db.prepare('DELETE FROM workers WHERE worker = ?'),
    keepEstimates: db.prepare(`
      INSERT INTO spending (arm, day, usd)
      SELECT arm, day, sum(usd) FROM calls WHERE worker NOT IN (SELECT worker FROM workers) GROUP BY arm, day
      ON CONFLICT DO UPDATE SET usd = usd + excluded.usd`),
    dropOrphans: db.prepare('DELETE FROM calls WHERE worker NOT IN (SELECT worker FROM workers)'),
    forgetDays: db.prepare('DELETE FROM spending WHERE day < ?'),

    begin: db.prepare('INSERT INTO calls (worker, arm, provider, day, usd) VALUES (?, ?, ?, ?, ?)'),
    end: db.prepare('DELETE FROM calls WHERE call = ? AND worker = ? RETURNING arm, provider, day, usd'),
    callsOfArm: db.prepare('SELECT count(*) AS calls FROM calls WHERE arm = ?'),
    callsOfProvider: db.prepare('SELECT count(*) AS calls FROM calls WHERE provider = ?'),
    reserved: db.prepare('SELECT coalesce(sum(usd), 0) AS usd FROM calls WHERE arm = ? AND day = ?'),
    spent: db.prepare('SELECT coalesce(sum(usd), 0) AS usd FROM spending WHERE arm = ? AND day = ?'),
    spend: db.prepare(
      'INSERT INTO spending (arm, day, usd) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET usd = usd + excluded.usd',
    ),

    bucket: db.prepare('SELECT paid_until_ms AS paidUntilMs, at_ms AS atMs FROM buckets WHERE name = ?'),
    fill: db.prepare('INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)'),
    holdOf: db.prepare('SELECT until_ms AS untilMs, at_ms AS atMs FROM holds WHERE name = ?'),
    hold: db.prepare('INSERT OR REPLACE INTO holds VALUES (?, ?, ?)'),
    breaker: db.prepare('SELECT failures, openings FROM breakers WHERE provider = ?'),
    setBreaker: db.prepare('INSERT OR REPLACE INTO breakers VALUES (?, ?, ?)'),
    closeBreaker: db.prepare('DELETE FROM breakers WHERE provider = ?'),

    startAbsence: db.prepare('INSERT OR IGNORE INTO absences VALUES (?, ?)'),
    endAbsence: db.prepare('DELETE FROM absences WHERE name = ?'),
    absence: db.prepare('SELECT since_ms AS sinceMs FROM absences WHERE name = ?'),

    markDone: db.prepare('INSERT OR REPLACE INTO done VALUES (?, ?, ?)'),
    isDone: db.prepare('SELECT 1 FROM done WHERE partition = ? AND offset = ? AND exchange_id = ?'),
    forgetBefore: db.prepare('DELETE FROM done WHERE partition = ? AND offset < ?'),

    pause: db.prepare('INSERT OR IGNORE INTO pauses VALUES (?)'),
    resume: db.prepare('DELETE FROM pauses WHERE arm = ?'),
    isPaused: db.prepare('SELECT 1 FROM pauses WHERE arm = ?'),
    paused: db.prepare('SELECT arm FROM pauses ORDER BY arm'),
  }
}

/** One statement, or a read: with our own error, which is worth another try. */
export function explained<T>(db: DatabaseSync, work: () => T): T {
  try {
    return work()
  } catch (err) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw unusable(db.location() ?? 'in memory', err)
  }
}

/** BEGIN IMMEDIATE: waits for the write lock at the start, where waiting is safe. */
export function transactionsOf(db: DatabaseSync): <T>(work: () => T) => T {
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')]
  return (work) =>
    explained(db, () => {
      begin.run()
      const result = work()
      commit.run()
      return result
    })
}

function unusable(file: string, cause: unknown): UnderstudyError {
  return new UnderstudyError(
    'LOG_UNAVAILABLE',
    `The file ${file}, in which stages keep limits and budgets, cannot be used: ${(cause as Error).message}. Check its folder and disk, or remove the file: it holds no records, only what was spent today.`,
    { cause },
  )
}
