import { UnderstudyError } from '../errors.ts'
import { type Column, encodeNative, NotEncodable } from './native.ts'

/** Rows as an engine takes them in one insert. */
export type Block = { format: 'Native' | 'JSONEachRow'; columns: readonly string[]; bytes: Buffer }

type Query = (sql: string, params: Record<string, unknown>) => Promise<Column[]>

/**
 * Makes blocks, by the columns that the store's tables have. Rows of a table that is not there, or that has a type which is not written
 * natively, are written as JSON. STORE_QUERY_FAILED: a row says what its table has no column for, or what no column takes.
 */
export function createBlocks(query: Query): (table: string, rows: readonly object[]) => Promise<Block> {
  const known = new Map<string, Column[]>()

  async function columnsOf(table: string): Promise<Column[]> {
    const columns = await query(columnsSql, { table })
    known.set(table, columns)
    return columns
  }

  return async (table, rows) => {
    const names = new Set<string>()
    for (const row of rows) for (const name in row) names.add(name)
    const isWhole = (columns: Column[] | undefined) =>
      columns !== undefined && namesIn(columns, names).length === names.size
    const remembered = known.get(table)
    // A column that was added since: the table is asked once more before a row is refused.
    const columns = isWhole(remembered) ? remembered! : await columnsOf(table)
    if (columns.length === 0) return asJson([...names], rows)
    if (!isWhole(columns)) {
      const unknown = [...names].filter((name) => columns.every((column) => column.name !== name))
      throw refused(`the table ${table} has no column ${unknown.join(', ')}`)
    }
    const used = namesIn(columns, names)
    try {
      const bytes = encodeNative(used, rows)
      const columnNames = used.map(({ name }) => name)
      return bytes === null ? asJson(columnNames, rows) : { format: 'Native', columns: columnNames, bytes }
    } catch (err) {
      if (err instanceof NotEncodable) throw refused(err.message)
      throw err
    }
  }
}

// Those that are computed are not written.
const columnsSql = `SELECT name, type FROM system.columns
WHERE database = currentDatabase() AND table = {table:String} AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position`

const namesIn = (columns: readonly Column[], names: ReadonlySet<string>): Column[] =>
  columns.filter(({ name }) => names.has(name))

function asJson(columns: readonly string[], rows: readonly object[]): Block {
  return { format: 'JSONEachRow', columns, bytes: Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')) }
}

function refused(why: string): UnderstudyError {
  return new UnderstudyError('STORE_QUERY_FAILED', `a row does not fit its table: ${why}`)
}
