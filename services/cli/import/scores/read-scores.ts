import { parse as parseCsv } from 'csv-parse/sync'
import { type Json, type JsonObject } from '../../../../shared/dialects/dialect.ts'
import { field, isObject, parseJson } from '../../../../shared/dialects/json.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'

/** A score as a file tells it; what it does not tell is null. */
export type ToldScore = {
  /** `line 3`, `entry 17`. */
  place: string
  exchangeId: string | null
  arm: string | null
  name: string
  score: number | null
  reason: string | null
  by: string
}

export type Unreadable = { place: string; unreadable: true }

/**
 * The scores of a file: results of promptfoo or DeepEval as they write them, a JSON array, JSON lines or CSV. A plain row has
 * `exchangeId` and `arm` (`exchange_id` too, or within `metadata` or `vars`), and either `name` and `score`, or a column for
 * each score, as Ragas exports them. `by` names who made it where the row does not.
 */
export function readScores(text: string, by: string | undefined): (ToldScore | Unreadable)[] {
  const whole = parseJson(text)
  if (isObject(whole)) return readResults(whole, by)
  if (Array.isArray(whole)) return whole.flatMap((row, index) => readRow(row, `entry ${index + 1}`, by))
  return /^\s*[{[]/.test(text) ? readLines(text, by) : readCsv(text, by)
}

function readResults(whole: JsonObject, by: string | undefined): (ToldScore | Unreadable)[] {
  const promptfoo = field(whole['results'], 'results') ?? whole['results']
  if (Array.isArray(promptfoo)) return promptfoo.flatMap((row, index) => fromPromptfoo(row, `result ${index + 1}`, by))
  const deepEval = whole['testCases'] ?? whole['test_results'] ?? whole['test_cases']
  if (Array.isArray(deepEval)) return deepEval.flatMap((row, index) => fromDeepEval(row, `test case ${index + 1}`, by))
  return readRow(whole, 'line 1', by)
}

function readLines(text: string, by: string | undefined): (ToldScore | Unreadable)[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    return readRow(parseJson(line), `line ${index + 1}`, by)
  })
}

function readCsv(text: string, by: string | undefined): (ToldScore | Unreadable)[] {
  try {
    const rows: { record: Record<string, string>; info: { lines: number } }[] = parseCsv(text, {
      columns: true,
      info: true,
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
    })
    return rows.flatMap(({ record, info }) => readRow(record, `line ${info.lines}`, by))
  } catch (cause) {
    // No cause's message: it quotes the text.
    throw new UnderstudyError(
      'IMPORT_UNREADABLE',
      'the scores are neither JSON, JSON lines nor CSV with a line of column names: see understudy import --help',
      { cause },
    )
  }
}

/** One result of each assertion set: its own score, and the named ones. */
function fromPromptfoo(row: Json, place: string, by = 'promptfoo'): (ToldScore | Unreadable)[] {
  if (!isObject(row)) return [{ place, unreadable: true }]
  const test = row['testCase']
  const holders = [row, row['metadata'], field(test, 'metadata'), row['vars'], field(test, 'vars')]
  const provider = row['provider']
  const arm = textIn(holders, 'arm') ?? textOf(field(provider, 'label') ?? field(provider, 'id') ?? provider)
  const told = { place, exchangeId: exchangeIdIn(holders), arm, by }
  const named = isObject(row['namedScores']) ? Object.entries(row['namedScores']) : []
  const reason = textOf(field(row['gradingResult'], 'reason'))
  return [
    { ...told, name: 'score', score: numberOf(row['score']), reason },
    ...named.map(([name, score]) => ({ ...told, name, score: numberOf(score), reason: null })),
  ]
}

function fromDeepEval(row: Json, place: string, by?: string): (ToldScore | Unreadable)[] {
  if (!isObject(row)) return [{ place, unreadable: true }]
  const holders = [row, row['additionalMetadata'], row['additional_metadata'], row['metadata']]
  const metrics = row['metricsData'] ?? row['metrics_data']
  if (!Array.isArray(metrics)) return [{ place, unreadable: true }]
  return metrics.map((metric) => {
    const model = textOf(field(metric, 'evaluationModel') ?? field(metric, 'evaluation_model'))
    return {
      place,
      exchangeId: exchangeIdIn(holders),
      arm: textIn(holders, 'arm'),
      name: textOf(field(metric, 'name')) ?? 'score',
      score: numberOf(field(metric, 'score')),
      reason: textOf(field(metric, 'reason')),
      by: by ?? (model === null ? 'deepeval' : `deepeval ${model}`),
    }
  })
}

function readRow(row: Json | undefined, place: string, by?: string): (ToldScore | Unreadable)[] {
  if (!isObject(row)) return [{ place, unreadable: true }]
  const holders = [row, row['metadata'], row['vars']]
  const told = {
    place,
    exchangeId: exchangeIdIn(holders),
    arm: textIn(holders, 'arm'),
    by: textOf(row['by']) ?? by ?? 'imported',
  }
  const name = textOf(row['name'])
  if (name !== null || row['score'] !== undefined)
    return [{ ...told, name: name ?? 'score', score: numberOf(row['score']), reason: textOf(row['reason']) }]
  const columns = Object.entries(row).filter(([key, value]) => !isAbout(key) && numberOf(value) !== null)
  if (columns.length === 0) return [{ ...told, name: '', score: null, reason: null }]
  return columns.map(([key, value]) => ({ ...told, name: key, score: numberOf(value), reason: null }))
}

/** Not a score: which answer it is about, or the number that data frames give to each row. */
const isAbout = (key: string): boolean =>
  ['', 'index', 'Unnamed: 0', 'arm', 'by', 'id'].includes(key) || /^exchange_?id$/i.test(key)

function exchangeIdIn(holders: readonly (Json | undefined)[]): string | null {
  return textIn(holders, 'exchangeId') ?? textIn(holders, 'exchange_id')
}

function textIn(holders: readonly (Json | undefined)[], key: string): string | null {
  for (const holder of holders) {
    const found = textOf(field(holder, key))
    if (found !== null) return found
  }
  return null
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** A verdict of yes or no is 1 or 0. Text, as in CSV, where all of it is a number. */
function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'boolean') return Number(value)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
