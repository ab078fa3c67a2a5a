import { type Store } from '../../shared/store/store.ts'

type SettleStore = Pick<Store, 'query' | 'command'>

/** An hour that ended a moment ago is still being stored. */
const quietMs = 10 * 60_000
const hourMs = 3_600_000
/** What one statement looks at: it holds the ids of so many. */
const rowsAtOnce = 2_000_000

/**
 * Adds up what became of the exchanges of each past hour that something has come to since it was last added up, the newest first.
 * Safe to be run by two processes at once: the views of the ledger trust no hour that a row came to since. Returns how many hours
 * it added up. `signal`: no further statement is begun.
 */
export async function settleLedger(
  store: SettleStore,
  now: Date,
  { rows = rowsAtOnce, signal }: { rows?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const until = new Date(now.getTime() - hourMs - quietMs).toISOString()
  const countOpen = async () => {
    const [open] = await store.query<{ hours: number }>(openSql, { until })
    return open!.hours
  }
  const first = await countOpen()
  let left = first
  let before = Infinity
  // Fewer each time: an hour that rows come to just now is left to the next time.
  while (left > 0 && left < before) {
    if (signal?.aborted) break
    await store.command(settleSql(until, rows))
    before = left
    left = await countOpen()
  }
  return first - left
}

const openSql = `
SELECT toFloat64(count()) AS hours FROM ledger_open_hours WHERE hour < parseDateTimeBestEffort({until:String}, 'UTC')`

const columns = 'hour, arrived, letters, lines, observed_at, compared_at, last_stored_at'

/** Storing and questions go first. */
const settleSql = (until: string, rows: number): string =>
  `INSERT INTO ledger_hours (${columns}) SELECT ${columns} FROM ledger_from_rows(until = '${until}', rows = ${rows})
   SETTINGS max_threads = 1`
