import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { quoted } from '../../shared/store/quoted.ts'
import { type Store } from '../../shared/store/store.ts'
import { settleLedger } from './settle-ledger.ts'

type SettleStore = Pick<Store, 'query' | 'command'>
type Day = { source: Source; arm: string; day: string; arrived: number }

/** Fewer are read from their rows as soon. */
const enoughRows = 5_000
const ofCandidate = ['summary', 'deltas', 'slices', 'hours', 'judged', 'paths'] as const
/** What is added up of no one arm. */
const ofAll = { comparisons: ['noise'], observations: ['spend'], exchanges: ['drift'] } as const
type Source = keyof typeof ofAll
type Part = (typeof ofCandidate)[number] | (typeof ofAll)[Source][number]

/** After a start there is a backlog to store first. */
const firstMs = 5 * 60_000
const everyMs = 3_600_000

/** Settles days until it is stopped. What fails is told and tried again the next time; meanwhile views read rows. */
export function keepSettling(
  { store, logger }: { store: SettleStore; logger: Logger },
  times = { firstMs, everyMs },
): Running {
  const ending = new AbortController()
  const { signal } = ending
  const settle = async () => {
    try {
      const hours = await settleLedger(store, new Date(), { signal })
      const days = await settleDays(store, new Date(), { signal })
      if (hours + days > 0) logger.info({ hours, days }, 'hours of the ledger and days of comparisons added up')
    } catch (err) {
      logger.warn(
        { err, code: errorCode(err) },
        'the ledger or days of comparisons could not be added up: views read their rows',
      )
    }
  }
  const settleAlways = async () => {
    for (let waitMs = times.firstMs; !signal.aborted; waitMs = times.everyMs) {
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await settle()
    }
  }
  const done = settleAlways()
  return {
    async stop() {
      ending.abort()
      await done
    },
  }
}

/**
 * Adds up each past day (UTC) of comparisons by arm, of observations and of exchanges that something has come to since it was last added up,
 * the newest day first, one at a time. Safe to be run by two processes at once: of two versions of a day that with more rows holds, and the views trust none
 * that a row came to since. Returns how many days it added up. `signal`: no further day is begun.
 */
export async function settleDays(
  store: SettleStore,
  now: Date,
  { leastRows = enoughRows, signal }: { leastRows?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const today = now.toISOString().slice(0, 10)
  // Counted before any row is read: what comes meanwhile then counts as having come since.
  const waiting = await store.query<Day>(waitingSql, { today, leastRows })
  const columns = new Map<Part, string>()
  let settled = 0
  for (const day of waiting) {
    if (signal?.aborted) break
    await settleDay(store, day, columns)
    settled += 1
  }
  return settled
}

const waitingSql = `
SELECT toString(source) AS source, toString(arm) AS arm, toString(day) AS day, toFloat64(sum(came)) AS arrived
FROM day_arrivals AS arrivals
WHERE arrivals.day < toDate({today:String})
GROUP BY source, arm, day
HAVING arrived >= {leastRows:UInt64} AND sum(came) != max(settled)
ORDER BY day DESC, source, arm`

/** That it is settled is said last: until then it is read from rows. */
async function settleDay(
  store: SettleStore,
  { source, arm, day, arrived }: Day,
  columns: Map<Part, string>,
): Promise<void> {
  for (const part of arm === '' ? ofAll[source] : ofCandidate) {
    const from = rowsOf(part, arm, day)
    const names = columns.get(part) ?? (await columnsOf(store, from))
    columns.set(part, names)
    await store.command(
      `INSERT INTO day_sums (arrived, ${names}) SELECT ${arrived}, ${names} FROM ${from} WHERE day = '${day}' ${gently}`,
    )
  }
  await store.command(
    `INSERT INTO day_arrivals (source, arm, day, settled) SELECT '${source}', ${quoted(arm)}, toDate('${day}'), ${arrived}`,
  )
}

async function columnsOf(store: SettleStore, from: string): Promise<string> {
  const columns = await store.query<{ name: string }>(`DESCRIBE (SELECT * FROM ${from})`)
  return columns.map(({ name }) => name).join(', ')
}

/** Storing and questions go first. */
const gently = 'SETTINGS max_threads = 1'

/** Of spend, what was asked on any day is added up. */
function rowsOf(part: Part, arm: string, day: string): string {
  const candidate = arm === '' ? '' : `candidate = ${quoted(arm)}, `
  const grid = part === 'summary' || part === 'deltas' || part === 'noise' ? ', grid = true' : ''
  return `${part}_from_rows(${candidate}since = '${part === 'spend' ? '1970-01-01' : day}'${grid})`
}
