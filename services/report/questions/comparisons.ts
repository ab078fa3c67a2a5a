import {
  type ComparisonLine,
  type ComparisonPage,
  type ComparisonSort,
  type ComparisonTexts,
} from '../../../shared/contracts/comparison-page.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { type Store } from '../../../shared/store/store.ts'
import { ask } from './ask.ts'
import { arrivalsSql, type Filters, type KeyRow, keysSql, linesSql, textsSql } from './comparisons-sql.ts'
import { cursorOf, type Position, positionIn, questionId } from './cursor.ts'

export type ComparisonQuestion = {
  filters: Filters
  sort: ComparisonSort
  limit: number
  cursor?: string | undefined
  /** What is asked for in words, as far as it chooses rows: a cursor holds for no other. */
  of: object
  mayReadBodies: boolean
  withTexts: boolean
}

type LineRow = Omit<ComparisonLine, 'capturedAt'> & { capturedAtMs: number; comparedAtMs: number }

/** Pages of keys that are read for one page: each but the first only makes up for rows that are no longer in force. */
const mostTries = 5
/** A search goes on for about so long; what it has not looked at by then is for the next page. */
const searchMs = 2_500
/** Rows of the first step of a search; what was quick is followed by twice as many. */
const firstStep = 20_000
const quickMs = 500

/** One page of comparisons in force, and where the next one begins. USAGE: the cursor is none. QUESTION_TOO_SLOW. */
export async function readComparisons(
  store: Pick<Store, 'query'>,
  question: ComparisonQuestion,
): Promise<ComparisonPage> {
  const { filters, sort, limit, cursor, of, mayReadBodies } = question
  const withTexts = mayReadBodies && question.withTexts
  const id = questionId({ ...of, sort })
  const start = cursor === undefined ? null : positionIn(cursor, id)
  const isStepwise = filters.needles !== undefined && ['newest', 'oldest'].includes(sort)
  const found = await (isStepwise ? readStepwise : readPage)(store, { filters, sort, limit, start, withTexts })
  return {
    version: 1,
    comparisons: found.rows.map(lineOf),
    next: found.next === null ? null : cursorOf(found.next, id),
  }
}

type Part = { filters: Filters; sort: ComparisonSort; limit: number; start: Position | null; withTexts: boolean }
type Found = { rows: LineRow[]; next: Position | null }

async function readPage(store: Pick<Store, 'query'>, { filters, sort, limit, start, withTexts }: Part): Promise<Found> {
  const rows: LineRow[] = []
  let behind = start
  for (let tries = 0; tries < mostTries; tries += 1) {
    const wanted = limit - rows.length
    const { sql, params } = keysSql(filters, sort, behind, wanted + 1)
    const keys = await ask<KeyRow>(store, sql, params)
    const taken = keys.slice(0, wanted)
    rows.push(...(await readLines(store, filters, taken, rows, withTexts)))
    const last = taken.at(-1)
    if (last === undefined || keys.length <= wanted) return { rows, next: null }
    behind = last
    if (rows.length >= limit) break
  }
  return { rows, next: behind }
}

/** The rows of these keys that are in force, in the order of the keys, each once. */
async function readLines(
  store: Pick<Store, 'query'>,
  { arms }: Filters,
  keys: readonly KeyRow[],
  before: readonly LineRow[],
  withTexts: boolean,
): Promise<LineRow[]> {
  if (keys.length === 0) return []
  const read = await ask<LineRow>(store, linesSql(withTexts), {
    armNames: arms.map(({ name }) => name),
    times: [...new Set(keys.map(({ capturedAtMs }) => timeText(capturedAtMs)))],
    ids: [...new Set(keys.map(({ id }) => id))],
  })
  const inForce = new Map(read.map((row) => [row.comparisonId, row]))
  for (const { comparisonId } of before) inForce.delete(comparisonId)
  return keys.flatMap(({ id, comparedAtMs }) => {
    const row = inForce.get(id)
    if (row === undefined || row.comparedAtMs !== comparedAtMs) return []
    inForce.delete(id)
    return [row]
  })
}

/** As the engine reads a time inside of a list. */
const timeText = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

/** A search through texts, a part of the time at once, so that it never asks for more than can be read in a moment. */
async function readStepwise(store: Pick<Store, 'query'>, whole: Part): Promise<Found> {
  const { filters, sort, limit, start } = whole
  const startedAt = performance.now()
  const isOldest = sort === 'oldest'
  const hours = await hoursBehind(store, filters, isOldest, start)
  if (hours.length === 0) return await readPage(store, whole)
  const rows: LineRow[] = []
  let stepRows = firstStep
  let behind = start
  while (hours.length > 0) {
    const stepStartedAt = performance.now()
    let arrived = 0
    let edgeMs: number | null = null
    while (hours.length > 0 && (edgeMs === null || arrived + hours[0]!.arrived <= stepRows)) {
      const hour = hours.shift()!
      arrived += hour.arrived
      edgeMs = isOldest ? hour.hourMs + hourMs : hour.hourMs
    }
    // Rows of hours that nobody counted are older than all that are counted.
    const isLast = hours.length === 0
    const window = isLast
      ? {}
      : isOldest
        ? { toMs: least(filters.toMs, edgeMs!) }
        : { fromMs: most(filters.fromMs, edgeMs!) }
    const part = { ...whole, filters: { ...filters, ...window }, limit: limit - rows.length, start: behind }
    const found = await readPage(store, part)
    rows.push(...found.rows)
    if (found.next !== null) return { rows, next: found.next }
    if (isLast) break
    behind = isOldest
      ? { value: 0, capturedAtMs: edgeMs! - 1, id: highestId, comparedAtMs: latestMs }
      : { value: 0, capturedAtMs: edgeMs!, id: lowestId, comparedAtMs: 0 }
    if (rows.length >= limit || performance.now() - startedAt > searchMs) return { rows, next: behind }
    if (performance.now() - stepStartedAt < quickMs) stepRows *= 2
  }
  return { rows, next: null }
}

const hourMs = 3_600_000
const lowestId = '00000000-0000-0000-0000-000000000000'
const highestId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
/** The end of what the engine's times reach. */
const latestMs = Date.UTC(2200, 0, 1)
const least = (a: number | undefined, b: number) => Math.min(a ?? Infinity, b)
const most = (a: number | undefined, b: number) => Math.max(a ?? -Infinity, b)

/** Hours with rows that are still to be searched, in the order of the search. */
async function hoursBehind(
  store: Pick<Store, 'query'>,
  { arms, fromMs, toMs }: Filters,
  isOldest: boolean,
  start: Position | null,
): Promise<{ hourMs: number; arrived: number }[]> {
  const hours = await ask<{ hourMs: number; arrived: number }>(store, arrivalsSql, {
    armNames: arms.map(({ name }) => name),
  })
  const from = most(fromMs, isOldest ? (start?.capturedAtMs ?? -Infinity) : -Infinity)
  const to = least(toMs, isOldest ? Infinity : (start?.capturedAtMs ?? Infinity))
  const left = hours.filter((hour) => hour.hourMs + hourMs > from && hour.hourMs <= to)
  return isOldest ? left : left.toReversed()
}

function lineOf({ capturedAtMs, comparedAtMs: _comparedAtMs, ...row }: LineRow): ComparisonLine {
  return { ...withoutWithheld(row), capturedAt: new Date(capturedAtMs).toISOString() }
}

type Texts = ComparisonTexts['texts'][number]

function withoutWithheld<Row extends Pick<Texts, 'servedExcerpt' | 'armExcerpt'>>(row: Row): Row {
  const shown = (text: string | null) => (isWithheld(text) ? null : text)
  return { ...row, servedExcerpt: shown(row.servedExcerpt), armExcerpt: shown(row.armExcerpt) }
}

/** `lines`: `comparisonId@capturedAt`. */
export async function readTexts(
  store: Pick<Store, 'query'>,
  arms: readonly string[],
  lines: readonly string[],
): Promise<ComparisonTexts> {
  const keys = lines.map((line) => line.split('@') as [id: string, capturedAt: string])
  const read = await ask<Texts>(store, textsSql, {
    armNames: arms,
    times: [...new Set(keys.map(([, capturedAt]) => timeText(Date.parse(capturedAt))))],
    ids: keys.map(([id]) => id),
  })
  return { version: 1, texts: read.map(withoutWithheld) }
}
