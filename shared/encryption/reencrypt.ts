import { deleteRows } from '../store/erase.ts'
import { type Store } from '../store/store.ts'
import { type Keyring, sealPrefix } from './keyring.ts'
import { isWithheld, sealedColumns } from './sealed-store.ts'

/** `unreadable`: rows with a text that does not open; they are left as they are. */
export type Reencrypted = { table: string; rewritten: number; unreadable: number; left: number }

const rowsAtOnce = 200

/**
 * Seals every text with the active key, or opens all where there is none. Rows are stored anew as they were, with the times that
 * retention counts from, and the older ones are taken away. `store` opens and seals; may be run again after it was interrupted.
 */
export async function reencrypt(store: Store, keyring: Keyring): Promise<Reencrypted[]> {
  const told: Reencrypted[] = []
  for (const [table, { id, columns }] of Object.entries(sealedColumns)) {
    const isOld = `(${columns.map((column) => isOldText(column, keyring)).join(' OR ')})`
    const unreadable: string[] = []
    const time = table === 'dead_letters' ? 'failed_at' : 'captured_at'
    let rewritten = 0
    for (let after = { time: '1970-01-01 00:00:00.000', id: nil }; ;) {
      const rows = await store.query<Record<string, unknown>>(
        `SELECT * FROM ${table} WHERE ${isOld} AND (${time}, ${id}) > ({time:DateTime64(3, 'UTC')}, {id:UUID})
         ORDER BY ${time}, ${id} LIMIT ${rowsAtOnce} WITH TIES`,
        after,
      )
      if (rows.length === 0) break
      const isReadable = (row: Record<string, unknown>) => !columns.some((column) => isWithheld(row[column] as string))
      unreadable.push(...rows.filter((row) => !isReadable(row)).map((row) => String(row[id])))
      const readable = rows.filter(isReadable)
      await store.insert(table, readable)
      rewritten += readable.length
      after = { time: String(rows.at(-1)![time]), id: String(rows.at(-1)![id]) }
    }
    if (rewritten > 0) await deleteRows(store, table, `${isOld} AND NOT has(${listOf(unreadable)}, toString(${id}))`)
    const [row] = await store.query<{ n: number }>(`SELECT toFloat64(count()) AS n FROM ${table} WHERE ${isOld}`)
    told.push({ table, rewritten, unreadable: unreadable.length, left: row!.n })
  }
  return told
}

const nil = '00000000-0000-0000-0000-000000000000'

function isOldText(column: string, { activeId }: Keyring): string {
  const text = `ifNull(${column}, '')`
  if (activeId === null) return `startsWith(${text}, '${sealPrefix}')`
  return `(${text} != '' AND NOT startsWith(${text}, '${sealPrefix}${activeId}:'))`
}

function listOf(ids: readonly string[]): string {
  return `CAST([${ids.map((id) => `'${id}'`).join(', ')}], 'Array(String)')`
}
