import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { UnderstudyError } from '../errors.ts'
import { sha256Hex } from '../ids.ts'
import { costOf } from './cost.ts'
import { createRowFinder, rowInForce } from './find-row.ts'
import { type Cost, type ExplainingPriceBook, type PricedCall } from './price-book.ts'
import { PriceFile, type PriceRow } from './price-row.ts'

const builtinFile = new URL('prices.json', import.meta.url)

/**
 * The built-in price table, or that of a JSON or YAML file. The whole table is checked here: a bad one throws
 * `PRICES_INVALID`, so that no call is ever priced by half of it.
 */
export function openPriceBook(source: 'builtin' | (string & {})): ExplainingPriceBook {
  const table = source === 'builtin' ? checkRows(builtin(), source) : rowsOfFile(source)
  const findRows = createRowFinder(table)
  const explain = ({ model, usage, at, serviceTier }: PricedCall): Cost => {
    if (Number.isNaN(at.getTime())) return without('the time of the call is unknown')
    const rows = findRows(model)
    const row = rowInForce(rows, at)
    if (row !== undefined) return costOf(row, usage, serviceTier)
    const day = at.toISOString().slice(0, 10)
    return without(
      rows.length === 0 ? `no row names the model "${model}"` : `no row of "${model}" is in force on ${day}`,
    )
  }
  return { explain, costUsd: (call) => explain(call).costUsd, version: () => sha256Hex(canonicalJson(table)) }
}

function without(unpriced: string): Cost {
  return { costUsd: null, unpriced, row: null, parts: [], multiplier: null, usdPerRequest: 0 }
}

function builtin(): PriceRow[] {
  return parseFile(JSON.parse(readFileSync(builtinFile, 'utf8')), 'builtin').prices
}

function rowsOfFile(path: string): PriceRow[] {
  const file = parseFile(readFile(path), path)
  const named = new Set(file.prices.map((row) => row.model))
  const inherited = file.extends === 'builtin' ? builtin().filter((row) => !named.has(row.model)) : []
  return checkRows([...file.prices, ...inherited], path)
}

function readFile(path: string): unknown {
  try {
    // JSON is YAML, so one parser reads both.
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw new UnderstudyError(
      'PRICES_INVALID',
      `${path} cannot be read as a price file: ${why}. Check the path, or set "prices: builtin"`,
      { cause },
    )
  }
}

function parseFile(content: unknown, path: string): z.infer<typeof PriceFile> {
  const read = PriceFile.safeParse(content)
  if (read.success) return read.data
  const rows: unknown = typeof content === 'object' && content !== null && 'prices' in content ? content.prices : null
  throw invalid(
    path,
    read.error.issues.map((issue) => `${placeOf(issue.path, rows)}  ${issue.message}`),
  )
}

/** Two rows in force on one day would make the price depend on their order. */
function checkRows(rows: PriceRow[], path: string): PriceRow[] {
  const overlaps = [...Map.groupBy(rows, (row) => row.model).values()].flatMap((periods) => {
    const sorted = periods.toSorted((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1))
    return sorted.slice(1).flatMap((row, at) => {
      const before = sorted[at]!
      if (before.effectiveTo !== null && before.effectiveTo <= row.effectiveFrom) return []
      return [`${row.model}  the row from ${before.effectiveFrom} must end (effectiveTo) by ${row.effectiveFrom}`]
    })
  })
  if (overlaps.length > 0) throw invalid(path, overlaps)
  return rows
}

function invalid(path: string, problems: string[]): UnderstudyError {
  return new UnderstudyError('PRICES_INVALID', [`the price table ${path} is not usable:`, ...problems].join('\n  '))
}

/** `row 3 (gpt-4o)  usdPerMillionTokens.input`, counting rows from 1. */
function placeOf(path: PropertyKey[], rows: unknown): string {
  const [top, index, ...rest] = path
  if (top !== 'prices' || typeof index !== 'number') return path.join('.') || 'the file'
  const row: unknown = Array.isArray(rows) ? rows[index] : null
  const named = typeof row === 'object' && row !== null && 'model' in row && typeof row.model === 'string'
  const name = named ? ` (${(row as { model: string }).model})` : ''
  return `row ${index + 1}${name}  ${rest.join('.')}`.trimEnd()
}
