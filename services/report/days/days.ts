import { controlArm } from '../../../shared/config/arms.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { type Store } from '../../../shared/store/store.ts'

type Span = { sinceMs: number; untilMs: number }

/** Asks about the comparisons of an arm with these settings, beside the control's with those, of a span of capture with both ends. */
export type Subject = Span & {
  arm: string
  fingerprint: string
  /** Empty: without a control. */
  control: string
}

/**
 * What is asked in SQL with the parameters of a `Subject`, of which the answers for parts of a span, `merge`d, are the answer for
 * all of it. None of its columns may be a text of users.
 */
export type DayQuestion<Row extends object> = {
  name: string
  sql: string
  merge: (rows: Row[]) => Row[]
}

export type Ask = <Row extends object>(question: DayQuestion<Row>, more?: Record<string, unknown>) => Promise<Row[]>

export type DaysStore = Pick<Store, 'query'> & Partial<Pick<Store, 'insert' | 'kind'>>

const dayMs = 86_400_000
/** Fewer are asked about at once sooner than by days. */
const enoughRows = 50_000
/** So many questions are remembered. */
const mostRemembered = 500

/** What days answered, as JSON, by the question: read from the store once in a process. */
export type DaysMemory = Map<string, Map<number, Answered>>

/**
 * Asks about whole days once and keeps what they answer, where this process may write. A day that a row came to since, late or
 * again, is asked about anew; the begin and the end of the span always are.
 */
export async function openDays(
  store: DaysStore,
  subject: Subject,
  {
    leastRows = enoughRows,
    isFromRows = false,
    memory = new Map(),
  }: { leastRows?: number; isFromRows?: boolean; memory?: DaysMemory } = {},
): Promise<Ask> {
  // Before any row is read: what comes meanwhile then counts as having come since.
  const seen = isFromRows ? [] : await store.query<Day>(arrivalsSql, { arm: subject.arm })
  const days = wholeDays(seen, subject)
  const askIn = <Row>(sql: string, span: Span, more: Record<string, unknown>) =>
    store.query<Row>(sql, { ...subject, ...more, ...span })
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined || days.reduce((sum, { arrived }) => sum + arrived, 0) < leastRows) {
    return async ({ sql, merge }, more = {}) => merge(await askIn(sql, subject, more))
  }
  const before = { sinceMs: subject.sinceMs, untilMs: first.atMs - 1 }
  const after = { sinceMs: last.atMs + dayMs, untilMs: subject.untilMs }
  const [hasBefore, hasAfter] = [mayHaveRows(seen, before), mayHaveRows(seen, after)]
  const about = { arm: subject.arm, subject: sha256Hex(JSON.stringify([subject.fingerprint, subject.control])) }

  return async ({ name, sql, merge }, more = {}) => {
    const question = `${name} ${sha256Hex(JSON.stringify([sql, more])).slice(0, 16)}`
    const known = await remembered(memory, store, { ...about, question })
    const news: object[] = []
    const rows = hasBefore ? await askIn<never>(sql, before, more) : []
    for (const { atMs, arrived } of days) {
      const kept = known.get(atMs)
      if (kept?.arrived === arrived) {
        rows.push(...(JSON.parse(kept.answer) as never[]))
        continue
      }
      const found = await askIn<never>(sql, { sinceMs: atMs, untilMs: atMs + dayMs - 1 }, more)
      rows.push(...found)
      const answer = JSON.stringify(found)
      known.set(atMs, { atMs, arrived, answer })
      news.push({ ...about, question, day: isoDay(atMs), arrived, answer })
    }
    if (hasAfter) rows.push(...(await askIn<never>(sql, after, more)))
    if (news.length > 0 && store.kind !== 'reader') await store.insert?.('report_days', news)
    return merge(rows)
  }
}

type Day = { atMs: number; arrived: number }

/** Those of the span from the first to the last that has a row, with how many have come: also those without any. */
function wholeDays(seen: readonly Day[], subject: Subject): Day[] {
  const isWhole = ({ atMs }: Day) => atMs >= subject.sinceMs && atMs + dayMs - 1 <= subject.untilMs
  const whole = seen.filter(isWhole)
  const [first, last] = [whole[0], whole.at(-1)]
  if (first === undefined || last === undefined) return []
  const arrived = new Map(whole.map((day) => [day.atMs, day.arrived]))
  return Array.from({ length: (last.atMs - first.atMs) / dayMs + 1 }, (_, index) => {
    const atMs = first.atMs + index * dayMs
    return { atMs, arrived: arrived.get(atMs) ?? 0 }
  })
}

const arrivalsSql = `
SELECT toFloat64(toUnixTimestamp(toStartOfDay(hour, 'UTC'))) * 1000 AS atMs, toFloat64(sum(came)) AS arrived
FROM (
  SELECT hour, arrived AS came FROM comparison_arrivals WHERE arm IN ({arm:String}, '${controlArm}')
  UNION ALL
  SELECT hour, arrived AS came FROM observation_arrivals WHERE arm IN ({arm:String}, '${controlArm}')
)
GROUP BY atMs
ORDER BY atMs`

const mayHaveRows = (seen: readonly Day[], { sinceMs, untilMs }: Span): boolean =>
  seen.some(({ atMs }) => atMs + dayMs > sinceMs && atMs <= untilMs)

type Answered = Day & { answer: string }
type About = { arm: string; subject: string; question: string }

/** Read once: whichever days the store learns of others afterwards are asked about here, too. */
async function remembered(
  memory: DaysMemory,
  store: Pick<Store, 'query'>,
  about: About,
): Promise<Map<number, Answered>> {
  const key = JSON.stringify(about)
  const known = memory.get(key)
  if (known !== undefined) return known
  const rows = await store.query<Answered>(answeredSql, about)
  const read = new Map(rows.map((row) => [row.atMs, row]))
  memory.set(key, read)
  const [oldest] = memory.keys()
  if (memory.size > mostRemembered) memory.delete(oldest!)
  return read
}

const answeredSql = `
SELECT toFloat64(toUnixTimestamp(toDateTime(day, 'UTC'))) * 1000 AS atMs, toFloat64(arrived) AS arrived, answer
FROM report_days
WHERE arm = {arm:String} AND subject = {subject:String} AND question = {question:String}
ORDER BY day, settled_at`

const isoDay = (atMs: number) => new Date(atMs).toISOString().slice(0, 10)
