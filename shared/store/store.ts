import { buffer } from 'node:stream/consumers'
import { type ClickHouseClient, type DataFormat } from '@clickhouse/client'
import { UnderstudyError } from '../errors.ts'
import { type Block, createBlocks } from './blocks.ts'
import { type Column } from './native.ts'
import { storeError } from './store-errors.ts'

/** ClickHouse, wherever it runs: in this process (`embedded`), on a server, or behind another process (`reader`). */
export type Store = {
  kind: 'embedded' | 'server' | 'reader'
  /** Data folder of the engine in this process; null where the engine runs elsewhere. */
  folder: string | null
  /** Rows as objects. Values go into `params` and are bound by the engine as `{name:Type}`, never into the text. */
  query<T>(sql: string, params?: Record<string, unknown>): Promise<T[]>
  /** The answer in any ClickHouse output format; a FORMAT clause of the query itself wins. */
  queryText(sql: string, format: string, params?: Record<string, unknown>): Promise<string>
  /** The same for formats that are not text, such as Parquet. */
  queryBytes(sql: string, format: string, params?: Record<string, unknown>): Promise<Buffer>
  /**
   * Keys are columns, times ISO 8601. Rows that come again are stored again: their id tells them, and the *_unique views read
   * one of each. STORE_QUERY_FAILED: the engine refused these rows, and always will. STORE_UNAVAILABLE: try again.
   */
  insert(table: string, rows: object[]): Promise<void>
  command(sql: string): Promise<void>
  /** Resolves when the engine answered, else STORE_UNAVAILABLE. */
  ping(timeoutMs: number): Promise<void>
  close(): Promise<void>
}

type ReadSettings = Record<string, string | number>

export type StoreBackend = {
  client: ClickHouseClient
  kind: Store['kind']
  folder: string | null
  /** Where the engine is and what to do if it does not answer; ends every error about reaching it. */
  place: string
  /** Sent with every read. The in-process engine would keep settings for all later queries: leave it empty there. */
  readSettings: ReadSettings
  /** What a statement that changes tables becomes there; default: itself. */
  formsOf?: (statement: string) => string[]
  insertBlock: (table: string, block: Block, settings: Record<string, string | number>) => Promise<unknown>
  close: () => Promise<void>
}

const inputSettings = {
  date_time_input_format: 'best_effort',
  // An unknown column is a mistake in the mapping: refuse it, where the engine would leave the value out.
  input_format_skip_unknown_fields: 0,
  // Half of a surrogate pair, as in a text cut in the middle of an emoji, stays as the six letters of its escape.
  input_format_json_throw_on_bad_escape_sequence: 0,
  // The engine writes down that it has a block before it has it: killed in between, it confirms that block the next time,
  // and drops it. Tables that know blocks again do so without any token, by what is in them.
  insert_deduplicate: 0,
}

/** The insert of a store that only reads. */
export async function readOnly(): Promise<never> {
  throw new UnderstudyError('STORE_QUERY_FAILED', 'the store was opened for reading: write in the process that owns it')
}

export function createStore(backend: StoreBackend): Store {
  const { client, place, readSettings, formsOf = (statement) => [statement] } = backend
  const guarded = async <T>(work: Promise<T>, purpose: 'query' | 'insert' = 'query'): Promise<T> => {
    try {
      return await work
    } catch (err) {
      throw storeError(err, place, purpose)
    }
  }
  const blockOf = createBlocks((sql, params) => readRows<Column>(client, sql, params, readSettings))
  return {
    kind: backend.kind,
    folder: backend.folder,
    query: <T>(sql: string, params: Record<string, unknown> = {}) =>
      guarded(readRows<T>(client, sql, params, readSettings)),
    queryText: async (sql, format, params = {}) =>
      (await guarded(readBytes(client, sql, format, params, readSettings))).toString('utf8'),
    queryBytes: (sql, format, params = {}) => guarded(readBytes(client, sql, format, params, readSettings)),
    async insert(table, rows) {
      if (rows.length === 0) return
      const block = await guarded(blockOf(table, rows), 'insert')
      await guarded(backend.insertBlock(table, block, inputSettings), 'insert')
    },
    async command(sql) {
      for (const query of formsOf(sql)) await guarded(client.command({ query }))
    },
    ping: (timeoutMs) => guarded(ping(client, timeoutMs)),
    close: backend.close,
  }
}

async function readRows<T>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
  clickhouse_settings: ReadSettings,
): Promise<T[]> {
  const result = await client.query({ query, query_params, clickhouse_settings, format: 'JSONEachRow' })
  return await result.json<T>()
}

async function readBytes(
  client: ClickHouseClient,
  query: string,
  format: string,
  query_params: Record<string, unknown>,
  settings: ReadSettings,
): Promise<Buffer> {
  const clickhouse_settings = { ...settings, default_format: format as DataFormat }
  // `exec`, because `query` writes a FORMAT clause behind the text, where there may be one already.
  const { stream } = await client.exec({ query, query_params, clickhouse_settings })
  return await buffer(stream)
}

async function ping(client: ClickHouseClient, timeoutMs: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    const result = await Promise.race([client.ping({ select: true }), late])
    if (!result.success) throw result.error
  } finally {
    clearTimeout(timer)
  }
}
