import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Config } from '../../../shared/config/schema.ts'
import { openKeyring, sealPrefix } from '../../../shared/encryption/keyring.ts'
import { sealedColumns } from '../../../shared/encryption/sealed-store.ts'
import { type TopicLog, topics } from '../../../shared/log/topic-log.ts'
import { knownMigrations } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { SpoolFolder } from '../../tap/spool/folder.ts'
import { type Check, fail, ok, warn } from './check.ts'
import { size } from './disk.ts'

type Asked = Pick<Store, 'query'>

/** More parts than this and the engine falls behind; at 3,000 it refuses inserts. */
const manyParts = 300
/** More records than this and a stage is behind by more than a batch or two. */
const longLag = 5_000

/** The tables: of which version, in how many files, and whether everything that came in is accounted for. */
export async function checkTables(store: Asked, config: Config): Promise<Check[]> {
  const schema = await checkSchema(store)
  // In tables of another version nothing further can be asked.
  if (schema.state !== 'ok' || schema.detail === noTables) return [schema]
  return [
    schema,
    await checkParts(store),
    await checkLedger(store),
    await checkDrops(store),
    ...(await checkKeys(store, config)),
  ]
}

const noTables = 'there are no tables yet'

async function checkSchema(store: Asked): Promise<Check> {
  const title = 'store schema'
  const [table] = await store.query(
    "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'",
  )
  if (table === undefined) return ok(title, noTables)
  const rows = await store.query<{ name: string }>('SELECT DISTINCT name FROM schema_migrations ORDER BY name')
  const [has, knows] = [rows.map(({ name }) => name), knownMigrations().map(({ name }) => name)]
  const newer = has.filter((name) => !knows.includes(name))
  const missing = knows.filter((name) => !has.includes(name))
  if (newer.length > 0)
    return fail(
      title,
      `a newer Understudy made ${newer.join(', ')}`,
      'run that version or a newer one here; or restore a backup from before',
    )
  if (missing.length > 0)
    return warn(title, `not up to date: ${missing.join(', ')}`, 'understudy migrate; record does it when it starts')
  return ok(title, `up to date (${knows.at(-1)})`)
}

async function checkParts(store: Asked): Promise<Check> {
  const title = 'store parts'
  const rows = await store.query<{ table: string; parts: number; bytes: number }>(
    `SELECT table, toFloat64(max(parts_of)) AS parts, toFloat64(sum(bytes_of)) AS bytes FROM (
       SELECT table, partition, countIf(active) AS parts_of, sum(bytes_on_disk) AS bytes_of
       FROM system.parts WHERE database = currentDatabase() GROUP BY table, partition)
     GROUP BY table ORDER BY parts DESC`,
  )
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  const [worst] = rows
  if (worst === undefined || worst.parts < manyParts)
    return ok(title, `${size(bytes)} in ${rows.length} tables, at most ${worst?.parts ?? 0} parts in one`)
  const cure = 'let record run so that the engine can merge; if it does not, the disk is too slow or full'
  return warn(title, `${worst.table} is in ${worst.parts} parts`, cure)
}

async function checkLedger(store: Asked): Promise<Check> {
  const title = 'ledger'
  const [balance] = await store.query<{ missing: number; pending: number }>(
    'SELECT toFloat64(ledger_balance.missing) AS missing, toFloat64(ledger_balance.pending) AS pending FROM ledger_balance',
  )
  const { missing, pending } = balance!
  if (missing === 0) return ok(title, `balances${pending === 0 ? '' : `, ${pending} on their way`}`)
  const cure =
    'understudy dead-letters list; understudy sql "SELECT * FROM ledger_balance FORMAT Vertical" says at which stage'
  return warn(title, `${missing} exchanges are not accounted for, so no verdict can be given`, cure)
}

async function checkDrops(store: Asked): Promise<Check> {
  const title = 'capture'
  const rows = await store.query<{ reason: string; times: number }>(
    `SELECT toString(reason) AS reason, toFloat64(sum(count)) AS times FROM ledger_unique
     WHERE stage = 'tap' AND outcome = 'dropped' AND reason != 'erased' AND hour >= now() - INTERVAL 1 DAY
     GROUP BY reason ORDER BY times DESC`,
  )
  if (rows.length === 0) return ok(title, 'nothing was dropped in the last day')
  const told = rows.map(({ reason, times }) => `${times} ${reason}`).join(', ')
  return warn(
    title,
    `dropped in the last day: ${told}`,
    'the tap was short of memory, disk or log then; its metrics say when',
  )
}

/** Is each key that something is sealed with at hand? */
async function checkKeys(store: Asked, { store: { encryption } }: Config): Promise<Check[]> {
  const used = new Map<string, number>()
  for (const [table, { columns }] of Object.entries(sealedColumns)) {
    for (const column of columns) {
      const rows = await store.query<{ key: string; texts: number }>(
        `SELECT splitByChar(':', assumeNotNull(${column}))[2] AS key, toFloat64(count()) AS texts FROM ${table}
         WHERE startsWith(ifNull(${column}, ''), '${sealPrefix}') GROUP BY key`,
      )
      for (const { key, texts } of rows) used.set(key, (used.get(key) ?? 0) + texts)
    }
  }
  if (encryption?.active !== undefined && !used.has(encryption.active)) used.set(encryption.active, 0)
  const known = new Set(openKeyring(encryption).ids)
  return [...used].map(([key, texts]) => {
    const title = `key ${key}`
    const told = `${texts} texts are sealed with it`
    if (known.has(key)) return ok(title, told)
    const variable = encryption?.keys.find(({ id }) => id === key)?.fromEnv
    const cure =
      variable === undefined
        ? 'name it in store.encryption.keys, and set its variable'
        : `set the environment variable ${variable}`
    return fail(title, `${told}, and it is not configured`, cure)
  })
}

const reads = {
  replay: ['exchanges'],
  compare: ['observations'],
  record: topics,
} as const

/** How far each stage is behind. */
export async function checkLag(log: Pick<TopicLog, 'lag'>, { log: config }: Pick<Config, 'log'>): Promise<Check[]> {
  const lags = Object.entries(reads).map(async ([stage, names]) => {
    const waiting = await Promise.all(names.map((topic) => log.lag(stage, topic)))
    const records = waiting.reduce((sum, count) => sum + count, 0)
    const title = `lag ${stage}`
    if (records <= longLag) return ok(title, records === 0 ? 'nothing waits' : `${records} records wait`)
    return warn(
      title,
      `${records} records wait`,
      `is ${stage} running? If so, its log says what holds it; a stage scales by workers`,
    )
  })
  return [...('embedded' in config ? [logFile(config.embedded)] : []), ...(await Promise.all(lags))]
}

function logFile(file: string): Check {
  const bytes = [file, `${file}-wal`].reduce(
    (sum, part) => sum + (statSync(part, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
  if (bytes < 4 * 1024 ** 3) return ok('log file', size(bytes))
  return warn(
    'log file',
    `${size(bytes)}, which is more than is kept when every stage reads`,
    'see the lags below: start the stage that does not read',
  )
}

/** What taps have on the disk because the log did not take it. */
export function checkSpool({ spool }: Config['tap']): Check {
  const title = 'spool'
  if (!existsSync(spool.folder)) return ok(title, 'empty')
  const names = SpoolFolder.namesIn(spool.folder)
  const bytesOf = (name: string) =>
    readdirSync(join(spool.folder, name)).reduce(
      (sum, file) =>
        sum +
        (file.endsWith('.records')
          ? (statSync(join(spool.folder, name, file), { throwIfNoEntry: false })?.size ?? 0)
          : 0),
      0,
    )
  const bytes = names.reduce((sum, name) => sum + bytesOf(name), 0)
  if (bytes === 0) return ok(title, 'empty')
  const told = `${size(bytes)} of ${size(spool.maxBytes)} wait on the disk`
  if (bytes > spool.maxBytes / 2)
    return warn(
      title,
      told,
      'the log takes nothing, or no tap runs: mend the log, or start a tap, which takes it over; or raise tap.spool.maxBytes',
    )
  return ok(title, told)
}
