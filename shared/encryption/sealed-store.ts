import { errorCode } from '../errors.ts'
import { type Store } from '../store/store.ts'
import { isSealed, type Keyring } from './keyring.ts'

/** The columns that hold texts of users, and the id their row is known by. Of all other columns none does. */
export const sealedColumns: Readonly<Record<string, { id: string; columns: readonly string[] }>> = {
  exchange_bodies: { id: 'exchange_id', columns: ['request_body', 'answer_body', 'answer'] },
  observation_bodies: { id: 'observation_id', columns: ['answer', 'losses'] },
  comparisons: { id: 'comparison_id', columns: ['differences', 'served_excerpt', 'arm_excerpt'] },
  scores: { id: 'score_id', columns: ['reason'] },
  labels: { id: 'label_id', columns: ['note'] },
  golden_items: { id: 'exchange_id', columns: ['content'] },
  dead_letters: { id: 'dead_letter_id', columns: ['value_base64'] },
}

/**
 * A store whose texts are sealed on their way in and opened on their way out. A row that is asked for must have the id of its row
 * among its values, and its texts under the names of their columns (`served_excerpt` or `servedExcerpt`): that is what they are
 * held against. A text that does not open says why in its place; `isWithheld` tells it. Answers in other formats stay sealed.
 */
export function sealedStore(store: Store, keyring: Keyring): Store {
  return {
    ...store,
    async query<T>(sql: string, params?: Record<string, unknown>): Promise<T[]> {
      const rows = await store.query<T>(sql, params)
      for (const row of rows) openRow(row as Record<string, unknown>, keyring)
      return rows
    },
    async insert(table, rows) {
      const sealed = Object.hasOwn(sealedColumns, table) ? sealedColumns[table] : undefined
      if (sealed === undefined || keyring.activeId === null) return await store.insert(table, rows)
      await store.insert(
        table,
        rows.map((row) => sealRow(row as Record<string, unknown>, sealed, keyring)),
      )
    },
  }
}

const withheld = 'encrypted: key '

/** Does this say why a text cannot be shown, in its place? */
export function isWithheld(text: string | null): boolean {
  return text?.startsWith(withheld) === true
}

function sealRow(
  row: Record<string, unknown>,
  { id, columns }: { id: string; columns: readonly string[] },
  keyring: Keyring,
): object {
  const sealed = { ...row }
  for (const column of columns) {
    const text = row[column]
    // Nothing is no text, and views ask whether there is one.
    if (typeof text === 'string' && text !== '') sealed[column] = keyring.seal(text, placeOf(column, String(row[id])))
  }
  return sealed
}

function openRow(row: Record<string, unknown>, keyring: Keyring): void {
  let ids: string[] | undefined
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== 'string' || !isSealed(value)) continue
    ids ??= Object.values(row).filter((other): other is string => typeof other === 'string' && uuid.test(other))
    const column = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    row[name] = openOrTell(
      value,
      ids.map((id) => placeOf(column, id)),
      keyring,
    )
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function openOrTell(value: string, places: string[], keyring: Keyring): string {
  try {
    return keyring.open(value, places)
  } catch (err) {
    if (!['ENCRYPTION_KEY_MISSING', 'ENCRYPTION_BROKEN'].includes(errorCode(err))) throw err
    return (err as Error).message
  }
}

function placeOf(column: string, id: string): string {
  return `${column}\0${id.toLowerCase()}`
}
