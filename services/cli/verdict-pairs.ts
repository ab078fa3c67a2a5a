import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { CsvError, parse } from 'csv-parse/sync'
import { didYouMean } from '../../shared/config/did-you-mean.ts'
import { formatMistakes, type Mistake } from '../../shared/config/mistakes.ts'
import { type Json, type JsonObject } from '../../shared/dialects/dialect.ts'
import { isObject, parseJson } from '../../shared/dialects/json.ts'
import { type Measure, type Score } from '../report/scores.ts'
import { usage } from './input-file.ts'

type Kind = 'share' | 'flag' | 'ms' | 'usd'

const kinds: Record<Measure, Kind> = {
  servedQuality: 'share',
  controlQuality: 'share',
  candidateQuality: 'share',
  controlDivergence: 'share',
  candidateDivergence: 'share',
  controlError: 'flag',
  candidateError: 'flag',
  controlTtftMs: 'ms',
  candidateTtftMs: 'ms',
  controlTotalMs: 'ms',
  candidateTotalMs: 'ms',
  controlCostUsd: 'usd',
  candidateCostUsd: 'usd',
}
const measures = Object.keys(kinds) as Measure[]
const columns: readonly string[] = ['unit', 'at', 'slices', ...measures]

/** Nothing was measured with these models before. */
const earliestMs = Date.UTC(2020, 0, 1)
/** So much may two clocks differ. */
const clockSkewMs = 5 * 60_000
const shownMistakes = 20

export type PairsFile = {
  scores: Score[]
  columns: Set<Measure>
  fingerprint: string
  /** What the file says and the verdict does not use. */
  unused: { columns: string[]; failuresScored: number }
}

type Line = { number: number; record: JsonObject }

/** Scores in JSON lines or CSV, told apart by their first character. USAGE names every mistake with its line. */
export function readPairs(bytes: Buffer, file: string, now: Date): PairsFile {
  const text = textOf(bytes, file)
  const mistakes: Mistake[] = []
  const lines = text.trimStart().startsWith('{') ? jsonLines(text, mistakes) : csvLines(text, file)
  const written = new Set(lines.flatMap(({ record }) => Object.keys(record)))
  mistakes.push(...misspelt(written, lines))
  const scores = lines.map((line) => scoreOf(line, now, mistakes))
  const present = new Set(measures.filter((measure) => written.has(measure)))
  mistakes.push(...missing(scores, lines, present), ...repeated(lines, written))
  if (mistakes.length > 0) throw usage(told(file, mistakes))
  return {
    scores,
    columns: present,
    fingerprint: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    unused: {
      columns: [...written].filter((name) => !columns.includes(name)),
      failuresScored: scores.filter(isScoredFailure).length,
    },
  }
}

/** Bytes that are no UTF-8 would all become the same sign, and units that differ in them one unit. */
function textOf(bytes: Buffer, file: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '')
  const cure = 'save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8, or -f UTF-16)'
  throw usage(`${file} is not text in UTF-8: ${cure}`)
}

function told(file: string, mistakes: readonly Mistake[]): string {
  const first = mistakes.toSorted((a, b) => a.line - b.line).slice(0, shownMistakes)
  const more = mistakes.length > first.length ? `\n  and ${mistakes.length - first.length} more` : ''
  return formatMistakes(file, first) + more
}

function jsonLines(text: string, mistakes: Mistake[]): Line[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const record = parseJson(line)
    if (isObject(record)) return [{ number: index + 1, record }]
    const cure = 'write one JSON object a line (JSON has no NaN: write null where something is not known)'
    mistakes.push({ line: index + 1, path: [], message: `not a JSON object: ${cure}` })
    return []
  })
}

function csvLines(text: string, file: string): Line[] {
  if (text.trimStart().startsWith('[')) throw usage(`${file} is a JSON array: write one object a line (jq -c '.[]')`)
  try {
    const rows: { info: { lines: number }; record: Record<string, string> }[] = parse(text, {
      columns: (names: string[]) => headOf(names, file),
      info: true,
      trim: true,
      skip_empty_lines: true,
    })
    return rows.map(({ info, record }) => ({ number: info.lines, record: valuesOf(record) }))
  } catch (err) {
    if (!(err instanceof CsvError)) throw err
    throw usage(`${file} is not CSV, nor one JSON object a line: ${err.message}`)
  }
}

/** Each column once: of two with one name, only one would be read. */
function headOf(names: string[], file: string): string[] {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw usage(`${file} has the column ${twice} twice: take one out, or give it another name`)
  const separator = names.length === 1 ? /[;\t|]/.exec(names[0]!)?.[0] : undefined
  if (separator === undefined) return names
  const called = separator === '\t' ? 'tabs' : `"${separator}"`
  throw usage(`${file} is separated by ${called}: separate the columns with commas`)
}

/** Cells as JSON would have them. What is neither empty, a number nor a truth value stays text. */
function valuesOf(cells: Record<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]): [string, Json] => {
      if (name === 'unit' || name === 'at' || !columns.includes(name)) return [name, cell]
      if (cell === '' || cell === 'null') return [name, null]
      if (/^(true|false)$/i.test(cell)) return [name, cell.toLowerCase() === 'true']
      if (name === 'slices') return [name, parseJson(cell) ?? cell]
      return [name, /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) ? Number(cell) : cell]
    }),
  )
}

/** A column that is nearly one of ours switches its gate off without a word; any other is somebody's own. */
function misspelt(written: ReadonlySet<string>, lines: readonly Line[]): Mistake[] {
  return [...written].flatMap((name) => {
    if (columns.includes(name)) return []
    const meant = didYouMean(
      name,
      columns.filter((column) => !written.has(column) && Math.abs(column.length - name.length) <= 2),
    )
    const line = lines.find(({ record }) => name in record)?.number ?? 1
    return meant === null ? [] : [{ line, path: [name], message: `unknown column: did you mean ${meant}?` }]
  })
}

const given = (value: Json | undefined): Json => (value === undefined || value === '' ? null : value)

function scoreOf({ number, record }: Line, now: Date, mistakes: Mistake[]): Score {
  const wrong = (column: string, message: string) => void mistakes.push({ line: number, path: [column], message })
  const score = { unit: unitOf(record, wrong), atMs: timeOf(record, now, wrong) } as Score
  for (const name of measures) {
    const value = given(record[name])
    const message = value === null ? null : mistakeIn(value, kinds[name])
    // JSON has no word for a number that is too large for it.
    const said = typeof value === 'number' ? String(value) : JSON.stringify(value)
    if (message !== null) wrong(name, `${said}: ${message}`)
    const usable = message === null ? value : null
    Object.assign(score, { [name]: kinds[name] === 'flag' && usable !== null ? Boolean(usable) : usable })
  }
  score.slices = slicesOf(given(record['slices']), wrong)
  for (const arm of ['control', 'candidate'] as const) {
    const [firstMs, totalMs] = [score[`${arm}TtftMs`], score[`${arm}TotalMs`]]
    if (firstMs === null || totalMs === null || firstMs <= totalMs) continue
    wrong(
      `${arm}TotalMs`,
      `${totalMs} ms in all is less than ${firstMs} ms to the first token: take both from one clock`,
    )
  }
  return score
}

type Wrong = (column: string, message: string) => void

function slicesOf(slices: Json, wrong: Wrong): Score['slices'] {
  if (slices === null) return {}
  const named = isObject(slices) ? Object.entries(slices).filter(([, value]) => value !== null) : null
  if (named !== null && named.every(([, value]) => typeof value !== 'object')) {
    return Object.fromEntries(named.map(([name, value]) => [name, String(value as string | number | boolean)]))
  }
  wrong('slices', 'expected an object of names, such as {"language": "de"}')
  return {}
}

function unitOf(record: JsonObject, wrong: Wrong): string {
  const unit = given(record['unit'])
  if (typeof unit === 'number' && !Number.isSafeInteger(unit)) {
    wrong('unit', `${unit}: numbers as long as this are not told apart: write it as text, "${unit}"`)
    return ''
  }
  if (typeof unit === 'string' || typeof unit === 'number') return String(unit)
  wrong(
    'unit',
    'missing: write what is independent, such as the conversation’s id; a call of its own needs one of its own',
  )
  return ''
}

function timeOf(record: JsonObject, now: Date, wrong: Wrong): number | null {
  const at = given(record['at'])
  if (at === null) return null
  const said = typeof at === 'string' ? at : JSON.stringify(at)
  const isTime = typeof at === 'string' && /^\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[-+]\d\d:?\d\d))?$/.test(at)
  const atMs = isTime && isDay(at) ? Date.parse(at) : Number.NaN
  if (Number.isNaN(atMs)) wrong('at', `${said}: expected a time with its zone, such as 2026-11-20T09:30:00Z`)
  else if (atMs > now.getTime() + clockSkewMs) wrong('at', `${said} is yet to come: a clock is wrong`)
  else if (atMs < earliestMs) wrong('at', `${said} is before any of these models: a clock is wrong`)
  return atMs
}

/** `Date.parse` makes 3 March of 31 February. */
function isDay(at: string): boolean {
  const [year, month, day] = at.slice(0, 10).split('-').map(Number) as [number, number, number]
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function mistakeIn(value: Json, kind: Kind): string | null {
  if (kind === 'flag') {
    return value === 0 || value === 1 || typeof value === 'boolean' ? null : 'expected 0 or 1 (1: it failed)'
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'expected a number, or null where it is not known'
  if (value < 0) return kind === 'ms' ? 'a time below 0: take both ends from one clock' : 'expected 0 or more'
  return kind === 'share' && value > 1 ? 'expected a score from 0 to 1: divide by the largest there can be' : null
}

/** A value that a column leaves out on some lines. Latencies and costs may be unknown, a control may not have been asked. */
function missing(scores: readonly Score[], lines: readonly Line[], present: ReadonlySet<Measure>): Mistake[] {
  const mistakes = lines.flatMap(({ number, record }, index) => {
    const wasAsked = measures.some((measure) => measure.startsWith('control') && given(record[measure]) !== null)
    return mandatory
      .filter((measure) => present.has(measure))
      .flatMap((measure): Mistake[] => {
        if (given(record[measure]) !== null || (measure.startsWith('control') && !wasAsked)) return []
        const arm = measure.startsWith('control') ? 'control' : 'candidate'
        if (scores[index]![`${arm}Error`] === true && measure !== 'servedQuality') return []
        const cure = kinds[measure] === 'flag' ? 'write 0, or 1 where it failed' : 'write a number from 0 to 1'
        const failed =
          kinds[measure] === 'flag' || measure === 'servedQuality' ? '' : `, or 1 as ${arm}Error where it failed`
        return [{ line: number, path: [measure], message: `missing: ${cure}${failed}` }]
      })
  })
  const untimed = lines.findIndex(({ record }) => given(record['at']) === null)
  if (untimed === -1 || lines.every(({ record }) => given(record['at']) === null)) return mistakes
  const message = 'missing, and other lines have it: give every line a time, or none'
  return [...mistakes, { line: lines[untimed]!.number, path: ['at'], message }]
}

const mandatory = measures.filter((measure) => kinds[measure] === 'share' || kinds[measure] === 'flag')

function repeated(lines: readonly Line[], written: ReadonlySet<string>): Mistake[] {
  const names = [...written]
  const first = new Map<string, number>()
  return lines.flatMap(({ number, record }) => {
    const content = JSON.stringify(names.map((name) => record[name]))
    const earlier = first.get(content)
    if (earlier === undefined) {
      first.set(content, number)
      return []
    }
    const cure =
      'an exchange counts once: take it out, or give both a column that tells them apart, such as an id or a time'
    return [{ line: number, path: [], message: `the same as line ${earlier}: ${cure}` }]
  })
}

const isScoredFailure = (score: Score) =>
  (['control', 'candidate'] as const).some((arm) => score[`${arm}Error`] === true && (score[`${arm}Quality`] ?? 0) > 0)
