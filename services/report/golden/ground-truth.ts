import { CsvError, parse } from 'csv-parse/sync'
import { type GoldenItem } from '../../../shared/contracts/golden.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject, parseJson } from '../../../shared/dialects/json.ts'
import { UnderstudyError } from '../../../shared/errors.ts'

/** What a person says of one exchange of a set. Null: nothing, so that what was there stays. */
export type TruthLine = { id: string; groundTruth: string | null; notes: string | null }

/**
 * JSON lines or CSV with `id`, `groundTruth` and `notes`; other columns are left alone, so that an export can be filled in and given back.
 * USAGE names every line that cannot be used.
 */
export function readTruth(text: string, file: string): TruthLine[] {
  const records = text.trimStart().startsWith('{') ? linesOf(text, file) : cellsOf(text, file)
  const mistakes: string[] = []
  const seen = new Map<string, number>()
  const lines = records.flatMap(({ line, record }) => {
    const id = record['id']
    if (typeof id !== 'string' || id === '') {
      mistakes.push(`line ${line}: there is no id: it is the exchange’s, as golden export gives it`)
      return []
    }
    const earlier = seen.get(id)
    if (earlier !== undefined) mistakes.push(`line ${line}: ${id} is on line ${earlier} already`)
    seen.set(id, line)
    return [{ id, groundTruth: textIn(record['groundTruth']), notes: textIn(record['notes']) }]
  })
  if (mistakes.length > 0) throw new UnderstudyError('USAGE', `${file}:\n  ${mistakes.slice(0, 20).join('\n  ')}`)
  const said = lines.filter(({ groundTruth, notes }) => groundTruth !== null || notes !== null)
  if (said.length > 0) return said
  throw new UnderstudyError('USAGE', `${file} has no ground truth: fill in groundTruth (or notes) beside the id`)
}

/** The items with what was said of them. USAGE: an id is in no item. */
export function withTruth(
  items: readonly GoldenItem[],
  lines: readonly TruthLine[],
  by: string,
  now: Date,
): GoldenItem[] {
  const lineOf = new Map(lines.map((line) => [line.id.toLowerCase(), line]))
  const known = new Set(items.map(({ exchange }) => exchange.exchangeId))
  const strangers = [...lineOf.keys()].filter((id) => !known.has(id))
  if (strangers.length > 0) {
    const shown = strangers.slice(0, 5).join(', ')
    throw new UnderstudyError(
      'USAGE',
      `${strangers.length} ids are not in the set (${shown}): export it to see which are`,
    )
  }
  return items.map((item) => {
    const line = lineOf.get(item.exchange.exchangeId)
    if (line === undefined) return item
    const truth = line.groundTruth
    return {
      ...item,
      groundTruth: truth === null ? item.groundTruth : { answer: truth, by, importedAt: now.toISOString() },
      notes: line.notes ?? item.notes,
    }
  })
}

type Line = { line: number; record: JsonObject }

function linesOf(text: string, file: string): Line[] {
  return text.split('\n').flatMap((each, index) => {
    if (each.trim() === '') return []
    const record = parseJson(each)
    if (isObject(record)) return [{ line: index + 1, record }]
    throw new UnderstudyError('USAGE', `${file}, line ${index + 1}: not a JSON object`)
  })
}

function cellsOf(text: string, file: string): Line[] {
  try {
    const rows: { info: { lines: number }; record: Record<string, string> }[] = parse(text, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
    })
    return rows.map(({ info, record }) => ({ line: info.lines, record }))
  } catch (err) {
    if (!(err instanceof CsvError)) throw err
    throw new UnderstudyError('USAGE', `${file} is neither CSV nor one JSON object a line: ${err.message}`, {
      cause: err,
    })
  }
}

/** JSON where it is no text: an answer that is a document. */
function textIn(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
