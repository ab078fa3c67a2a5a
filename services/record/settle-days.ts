import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { quoted } from '../../shared/store/quoted.ts'
import { type Store } from '../../shared/store/store.ts'

type SettleStore = Pick<Store, 'query' | 'command'>
type Day = { arm: string; day: string; arrived: number }

/** Fewer are read from their rows as soon. */
const enoughRows = 5_000
const ofCandidate = ['summary', 'deltas', 'slices', 'hours'] as const
const ofExchanges = ['noise'] as const
type Part = (typeof ofCandidate)[number] | (typeof ofExchanges)[number]

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
      const days = await settleDays(store, new Date(), { signal })
      if (days > 0) logger.info({ days }, 'days of comparisons added up')
    } catch (err) {
      logger.warn({ err, code: errorCode(err) }, 'days of comparisons could not be added up: views read their rows')
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
 * Adds up the comparisons of each past day (UTC) and arm that something has come to since it was last added up, the newest day first,
 * one at a time. Safe to be run by two processes at once: of two versions of a day that with more rows holds, and the views trust none
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
SELECT came.arm AS arm, toString(came.day) AS day, toFloat64(came.arrived) AS arrived
FROM (
  SELECT arrayJoin([toString(arm), '']) AS arm, toDate(hour) AS day, sum(arrived) AS arrived
  FROM comparison_arrivals
  GROUP BY 1, 2
) AS came
LEFT ANTI JOIN settled_days AS settled ON came.arm = settled.arm AND came.day = settled.day
WHERE came.day < toDate({today:String}) AND came.arrived >= {leastRows:UInt64}
ORDER BY day DESC, arm`

/** That it is settled is said last: until then it is read from rows. */
async function settleDay(store: SettleStore, { arm, day, arrived }: Day, columns: Map<Part, string>): Promise<void> {
  for (const part of arm === '' ? ofExchanges : ofCandidate) {
    const from = rowsOf(part, arm, day)
    const names = columns.get(part) ?? (await columnsOf(store, from))
    columns.set(part, names)
    await store.command(
      `INSERT INTO comparison_days (arrived, ${names}) SELECT ${arrived}, ${names} FROM ${from} WHERE day = '${day}' ${gently}`,
    )
  }
  await store.command(
    `INSERT INTO comparison_days_settled (arm, day, arrived) SELECT ${quoted(arm)}, toDate('${day}'), ${arrived}`,
  )
}

async function columnsOf(store: SettleStore, from: string): Promise<string> {
  const columns = await store.query<{ name: string }>(`DESCRIBE (SELECT * FROM ${from})`)
  return columns.map(({ name }) => name).join(', ')
}

/** Storing and questions go first. */
const gently = 'SETTINGS max_threads = 1'

function rowsOf(part: Part, arm: string, day: string): string {
  const candidate = part === 'noise' ? '' : `candidate = ${quoted(arm)}, `
  const grid = part === 'slices' || part === 'hours' ? '' : ', grid = true'
  return `${part}_from_rows(${candidate}since = '${day}'${grid})`
}
