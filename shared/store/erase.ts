import { type Subject } from '../erasure/about.ts'
import { type Store } from './store.ts'

/** Every table with a column `exchange_id`, whatever migration made it: a row of an exchange is never overlooked. */
export async function tablesOfExchanges(store: Pick<Store, 'query'>): Promise<string[]> {
  const rows = await store.query<{ table: string }>(
    `SELECT table FROM system.columns
     WHERE database = currentDatabase() AND name = 'exchange_id' AND table NOT LIKE 'erasing%'
       AND table IN (
         SELECT name FROM system.tables WHERE database = currentDatabase()
           AND (engine = 'Distributed' OR (engine LIKE '%MergeTree' AND NOT endsWith(name, '_local'))))
     ORDER BY table`,
  )
  return rows.map(({ table }) => table)
}

/** The exchanges of these subjects that any table knows. */
export async function exchangesOf(store: Pick<Store, 'query'>, subjects: readonly Subject[]): Promise<string[]> {
  const idsOf = (kind: Subject['kind']) => subjects.flatMap((subject) => (subject.kind === kind ? [subject.id] : []))
  const found = new Set(idsOf('exchange'))
  for (const [kind, column] of [
    ['conversation', 'conversation_id'],
    ['tenant', 'tenant_id'],
  ] as const) {
    const ids = idsOf(kind)
    if (ids.length === 0) continue
    const tables = await store.query<{ table: string }>(
      'SELECT table FROM system.columns WHERE database = currentDatabase() AND name = {column:String} AND table IN ({tables:Array(String)})',
      { column, tables: await tablesOfExchanges(store) },
    )
    for (const { table } of tables) {
      const rows = await store.query<{ id: string }>(
        `SELECT DISTINCT toString(exchange_id) AS id FROM ${table} WHERE ${column} IN ({ids:Array(String)})`,
        { ids },
      )
      for (const { id } of rows) found.add(id)
    }
  }
  return [...found]
}

/**
 * Ids of what is being erased, in a table of their own: a statement could not hold a million of them. Call `drop` when done.
 */
export async function openErasing(store: Store, exchangeIds: readonly string[]): Promise<{ drop(): Promise<void> }> {
  // SYNC: an earlier one that was interrupted holds ids, too.
  const drop = () => store.command('DROP TABLE IF EXISTS erasing SYNC')
  await drop()
  await store.command('CREATE TABLE IF NOT EXISTS erasing (exchange_id UUID) ENGINE = MergeTree ORDER BY exchange_id')
  for (let from = 0; from < exchangeIds.length; from += 10_000) {
    await store.insert(
      'erasing',
      exchangeIds.slice(from, from + 10_000).map((id) => ({ exchange_id: id })),
    )
  }
  return { drop }
}

const isMeant = 'exchange_id IN (SELECT assumeNotNull(exchange_id) FROM erasing)'

/** Rows of the table, also those that a newer one replaces. */
export async function countErasing(store: Pick<Store, 'query'>, table: string): Promise<number> {
  const [row] = await store.query<{ n: number }>(`SELECT toFloat64(count()) AS n FROM ${table} WHERE ${isMeant}`)
  return row!.n
}

/** Takes the rows away that meet the condition. In the engine of this process no file holds them afterwards; a server keeps its old files for some minutes. */
export async function deleteRows(
  store: Pick<Store, 'command' | 'kind'>,
  table: string,
  condition: string,
): Promise<void> {
  if (store.kind === 'server') {
    // The second: replicas ask for the ids themselves. They find the same ones, because nobody adds any meanwhile.
    const settings = 'mutations_sync = 2, allow_nondeterministic_mutations = 1'
    return await store.command(`ALTER TABLE ${table} DELETE WHERE ${condition} SETTINGS ${settings}`)
  }
  // A mutation leaves the old files where they are until the engine looks for such, every few minutes. Nobody else writes here.
  await store.command('DROP TABLE IF EXISTS erasing_rest SYNC')
  await store.command(`CREATE TABLE erasing_rest AS ${table}`)
  await store.command(
    `INSERT INTO erasing_rest SELECT * FROM ${table} WHERE NOT ifNull(${condition}, false)
     SETTINGS max_partitions_per_insert_block = 0, min_insert_block_size_bytes = 67108864`,
  )
  await store.command(`EXCHANGE TABLES erasing_rest AND ${table}`)
  await store.command('DROP TABLE erasing_rest SYNC')
}

export async function deleteErasing(store: Pick<Store, 'command' | 'kind'>, table: string): Promise<void> {
  await deleteRows(store, table, isMeant)
}

/** Old files of these tables, with what they hold; and, in seconds, how long they are kept. */
export async function oldParts(
  store: Pick<Store, 'query'>,
  tables: readonly string[],
): Promise<{ tables: string[]; keptSeconds: number }> {
  const [row] = await store.query<{ tables: string[]; keptSeconds: number }>(
    `SELECT groupUniqArray(table) AS tables,
       (SELECT toFloat64(toUInt64OrZero(any(value))) FROM system.merge_tree_settings WHERE name = 'old_parts_lifetime') AS keptSeconds
     FROM system.parts WHERE database = currentDatabase() AND NOT active AND table IN ({tables:Array(String)})`,
    { tables: [...tables, ...tables.map((table) => `${table}_local`)] },
  )
  return row!
}
