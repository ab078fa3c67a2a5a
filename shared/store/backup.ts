import { drainPending, Session } from 'chdb'
import { cannotOpen } from './embedded.ts'
import { storeError } from './store-errors.ts'

/** Rows by table, as they are stored: also those that a newer one replaces. */
export type TableCounts = Record<string, number>

/** Everything in the store's folder, into `target`, which must not be there. STORE_LOCKED: a process owns the folder. */
export async function backupStore(folder: string, target: string): Promise<TableCounts> {
  return await withBackups(folder, target, async (session) => {
    const counts = await countsIn(session)
    await session.queryAsync(`BACKUP DATABASE default TO File(${quoted(`${target}/`)})`)
    return counts
  })
}

/** What `backupStore` made, into a store's folder without tables. */
export async function restoreStore(folder: string, source: string): Promise<TableCounts> {
  return await withBackups(folder, source, async (session) => {
    await session.queryAsync(`RESTORE DATABASE default FROM File(${quoted(`${source}/`)})`)
    return await countsIn(session)
  })
}

async function withBackups<T>(folder: string, place: string, work: (session: Session) => Promise<T>): Promise<T> {
  // Of the engine's configuration, so it must be said when the folder is opened.
  const session = openSession(folder, [`--backups.allowed_path=${place}`])
  try {
    return await work(session)
  } catch (err) {
    throw storeError(err, `the engine in this process, data folder ${folder}`, 'query')
  } finally {
    session.close()
    await drainPending()
  }
}

function openSession(folder: string, connectionArgs: string[]): Session {
  try {
    return new Session(folder, { connectionArgs })
  } catch (err) {
    throw cannotOpen(folder, err)
  }
}

async function countsIn(session: Session): Promise<TableCounts> {
  const read = async (sql: string) => (await session.queryAsync(sql, { format: 'JSONCompact' })).text()
  const tables = JSON.parse(
    await read("SELECT name FROM system.tables WHERE database = 'default' AND engine LIKE '%MergeTree' ORDER BY name"),
  ) as { data: [string][] }
  const counts: TableCounts = {}
  for (const [name] of tables.data) {
    const rows = JSON.parse(await read(`SELECT toFloat64(count()) FROM ${name}`)) as { data: [[number]] }
    counts[name] = rows.data[0][0]
  }
  return counts
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (found) => `\\${found}`)}'`
}
