import { isRetryable } from '../errors.ts'
import { type Store } from './store.ts'

export type TableRows = ReadonlyMap<string, readonly object[]>

export type BatchWriter = {
  /** Resolves when every row is stored. Rejects with the store's error: retryable, or these rows were refused. */
  write(rows: TableRows): Promise<void>
  /** Stores what is waiting. */
  close(): Promise<void>
}

export type BatchLimits = { maxRows: number; maxBytes: number; maxWaitMs: number }

type Write = { rows: TableRows; settle: PromiseWithResolvers<void> }

/**
 * Gathers the writes of several consumers into one insert per table, because an engine takes few large blocks far more
 * cheaply than many small ones. A block whose answer got lost is sent again: its rows replace themselves.
 */
export function createBatchWriter(store: Pick<Store, 'insert'>, limits: BatchLimits): BatchWriter {
  let waiting: Write[] = []
  let held = { rows: 0, bytes: 0 }
  let timer: NodeJS.Timeout | undefined
  let storing: Promise<void> = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const writes = waiting
    waiting = []
    held = { rows: 0, bytes: 0 }
    // One after the other: blocks that overtake each other gain nothing and cost the engine twice the memory.
    storing = storing.then(() => storeTogether(store, writes))
    return storing
  }

  return {
    write(rows) {
      const settle = Promise.withResolvers<void>()
      waiting.push({ rows, settle })
      const size = sizeOf(rows)
      held = { rows: held.rows + size.rows, bytes: held.bytes + size.bytes }
      if (held.rows >= limits.maxRows || held.bytes >= limits.maxBytes) void flush()
      else timer ??= setTimeout(() => void flush(), limits.maxWaitMs)
      return settle.promise
    },
    close: flush,
  }
}

/** Never rejects: every write is settled by its own promise. */
async function storeTogether(store: Pick<Store, 'insert'>, writes: Write[]): Promise<void> {
  try {
    await insertAll(store, merged(writes))
    for (const { settle } of writes) settle.resolve()
  } catch (err) {
    if (writes.length === 1 || isRetryable(err)) for (const { settle } of writes) settle.reject(err)
    // One write holds a row that the engine refuses; the others must not be given up with it.
    else for (const write of writes) await storeTogether(store, [write])
  }
}

async function insertAll(store: Pick<Store, 'insert'>, tables: TableRows): Promise<void> {
  for (const [table, rows] of tables) {
    if (rows.length === 0) continue
    await store.insert(table, [...rows])
  }
}

function merged(writes: Write[]): TableRows {
  const [first, ...others] = writes
  if (others.length === 0) return first?.rows ?? new Map()
  const tables = new Map<string, object[]>()
  for (const { rows } of writes) {
    for (const [table, more] of rows) tables.set(table, (tables.get(table) ?? []).concat(more))
  }
  return tables
}

/** Bytes are an estimate, by the texts of a row: they are what makes one large. */
function sizeOf(tables: TableRows): { rows: number; bytes: number } {
  let count = 0
  let bytes = 0
  for (const rows of tables.values()) {
    count += rows.length
    for (const row of rows) {
      for (const value of Object.values(row)) bytes += typeof value === 'string' ? value.length : 8
    }
  }
  return { rows: count, bytes }
}
