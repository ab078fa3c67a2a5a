import { drainPending, Session } from 'chdb'
import { bindable, readOnlySql } from './read-only-sql.ts'

export type ReadOnlyAnswer = { bytes: Uint8Array; format: string; summary: Record<string, string> }

export type ReadOnlyEngine = {
  /** `parameters` are texts in ClickHouse's escaped form, as they come in a URL. */
  query(text: string, options: { format: string; parameters: Map<string, string> }): Promise<ReadOnlyAnswer>
  close(): Promise<void>
}

/** A connection does one query at a time; with a few, a slow query does not hold up the others. */
const connections = 3

const limits = [
  'SET max_execution_time = 60',
  'SET max_result_bytes = 268435456',
  "SET result_overflow_mode = 'throw'",
  // Last, because it is what keeps the ones above, and itself, from being changed.
  'SET readonly = 1',
]

/** Connections of their own to the engine that this process already runs on `folder`, which cannot write. */
export async function openReadOnlyEngine(folder: string): Promise<ReadOnlyEngine> {
  const pool = Array.from({ length: connections }, () => ({ session: new Session(folder), busy: 0 }))
  for (const { session } of pool) for (const limit of limits) await session.queryAsync(limit)
  return {
    async query(text, { format, parameters }) {
      const member = pool.reduce((best, next) => (next.busy < best.busy ? next : best))
      member.busy += 1
      try {
        return await run(member.session, text, format, parameters)
      } finally {
        member.busy -= 1
      }
    },
    async close() {
      for (const { session } of pool) session.close()
      await drainPending()
    },
  }
}

async function run(
  session: Session,
  text: string,
  defaultFormat: string,
  parameters: Map<string, string>,
): Promise<ReadOnlyAnswer> {
  const { sql, format } = await readOnlySql(session, text)
  const bound = bindable(sql, parameters)
  const result =
    parameters.size === 0
      ? await session.queryAsync(sql, { format: defaultFormat })
      : await session.queryBindAsync(sql, bound, { format: defaultFormat })
  const summary = {
    read_rows: String(result.rowsRead),
    read_bytes: String(result.bytesRead),
    written_rows: '0',
    written_bytes: '0',
    elapsed_ns: String(Math.round(result.elapsed * 1e9)),
  }
  return { bytes: result.bytes(), format: format ?? defaultFormat, summary }
}
