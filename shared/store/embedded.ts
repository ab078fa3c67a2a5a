import { accessSync, constants, mkdirSync, rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ClickHouseClientConfigOptions, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { drainPending } from 'chdb'
import { type ChdbConnection, createChdbConnection } from 'chdb/connection'
import { UnderstudyError } from '../errors.ts'
import { readStatus } from './owner-identity.ts'
import { quoted } from './quoted.ts'
import { createStore, readOnly, type Store, type StoreBackend } from './store.ts'

/**
 * The ClickHouse engine in this process, on a data folder that is locked for as long as the store is open. As `reader`
 * the engine itself refuses to write.
 */
export async function openEmbedded(folder: string, kind: 'embedded' | 'reader'): Promise<Store> {
  const path = resolve(folder)
  prepareFolder(path)
  const client = createClient({
    // The same interface, declared once in each of the two packages.
    connection: connect(path) as unknown as NonNullable<ClickHouseClientConfigOptions['connection']>,
    log: { level: ClickHouseLogLevel.OFF },
  })
  // A connection does one thing at a time: on one of its own, an insert does not wait for a report.
  const inserts = connect(path)
  const insertBlock = blockInserter(inserts, path)
  const store = createStore({
    client,
    kind,
    folder: path,
    place: `the engine in this process, data folder ${path}`,
    readSettings: {},
    insertBlock: kind === 'reader' ? readOnly : insertBlock,
    async close() {
      await client.close()
      await inserts.close()
      // The lock on the folder goes only when the engine has nothing in hand.
      await drainPending()
    },
  })
  if (kind === 'reader') await client.command({ query: 'SET readonly = 2' })
  return store
}

/**
 * Not the client's own insert: it would `SET` the token for every later insert of the connection, which would then be dropped as
 * duplicates without an error. The binding passes text on as it is; what is not text it takes from a file only, beside the
 * store, which is gone again when the rows are in.
 */
function blockInserter(inserts: ChdbConnection, path: string): StoreBackend['insertBlock'] {
  const folder = join(path, 'inserts')
  rmSync(folder, { recursive: true, force: true })
  const client = createClient({
    connection: inserts as unknown as NonNullable<ClickHouseClientConfigOptions['connection']>,
    log: { level: ClickHouseLogLevel.OFF },
  })
  let blocks = 0
  return async (table, { format, columns, bytes }, settings) => {
    if (format === 'JSONEachRow') {
      await inserts.chdb.rawInsert({ table, values: bytes, format, settings })
      return
    }
    const file = join(folder, `${blocks++}.native`)
    await mkdir(folder, { recursive: true })
    try {
      await writeFile(file, bytes)
      const names = columns.join(', ')
      const given = Object.entries({ ...settings, max_threads: 1 }).map(([name, value]) => `${name} = '${value}'`)
      await client.command({
        query: `INSERT INTO ${table} (${names}) SETTINGS ${given.join(', ')} SELECT ${names} FROM file(${quoted(file)}, 'Native')`,
      })
    } finally {
      await rm(file, { force: true })
    }
  }
}

function prepareFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (err) {
    const cure = 'make it a folder this user may write to, or name another in store.embedded'
    const { code } = err as NodeJS.ErrnoException
    const why = code === 'EROFS' ? 'its file system is mounted read-only' : (code ?? 'unknown error')
    throw new UnderstudyError('STORE_UNAVAILABLE', `the store's folder ${path} cannot be used (${why}): ${cure}`, {
      cause: err,
    })
  }
}

function connect(path: string): ChdbConnection {
  try {
    return createChdbConnection({ path })
  } catch (err) {
    throw cannotOpen(path, err)
  }
}

/** The binding's error does not say why: who holds the folder is told by the engine's own `status` file. */
export function cannotOpen(path: string, cause: unknown): UnderstudyError {
  const owner = runningOwner(path)
  if (owner === null) {
    const message = `the engine cannot open the store in ${path} (${String(cause)}): see its own message above`
    return new UnderstudyError('STORE_UNAVAILABLE', message, { cause })
  }
  return new UnderstudyError(
    'STORE_LOCKED',
    `the store in ${path} is held by process ${owner}: one process owns a data folder. Stop that process, read through ` +
      'the address in store.listen while it runs, or name another folder in store.embedded',
    { cause },
  )
}

/** Process id that the engine wrote when it took the folder; null where it is gone. */
function runningOwner(path: string): number | null {
  const pid = Number(/^PID: (\d+)/m.exec(readStatus(path) ?? '')?.[1])
  if (!Number.isInteger(pid)) return null
  try {
    process.kill(pid, 0)
    return pid
  } catch (err) {
    return err instanceof Error && 'code' in err && err.code === 'EPERM' ? pid : null
  }
}
