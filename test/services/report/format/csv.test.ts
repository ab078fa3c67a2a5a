import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { csvColumns, formatCsv } from '../../../../services/report/format/csv.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'

const verdict = verdictOn(traffic(600))
const read = (csv: string) => parse<Record<string, string>>(csv, { columns: true })

test('there is one row per gate and candidate, and every number reads back as it was', () => {
  const rows = read(formatCsv([verdict, { ...verdict, candidate: 'other' }]))

  equal(rows.length, 2 * verdict.gates.length)
  for (const [index, gate] of verdict.gates.entries()) {
    const row = rows[index]!
    equal(row['candidate'], 'subtle')
    equal(row['gate'], gate.gate)
    equal(row['blocking'], String(gate.blocking))
    equal(row['margin'], gate.margin)
    for (const [column, value] of [
      ['mean', gate.mean],
      ['lower', gate.lower],
      ['log_e_go', gate.logEGo],
      ['candidate_value', gate.natural.candidate],
      ['more_at_observed_rate', gate.more?.atObservedRate ?? null],
    ] as const) {
      if (value === null) equal(row[column], '')
      else equal(Number(row[column]), value)
    }
  }
})

test('quotes, commas and lines stay inside their cell, and no cell is a formula', () => {
  const notes = ['said "no", twice', '=HYPERLINK("http://canary.example")']
  const gate = { ...verdict.gates[0]!, notes, margin: '=1+1\r\n@x' }
  const [row] = read(formatCsv([{ ...verdict, gates: [gate] }]))

  equal(row!['notes'], notes.join('; '))
  equal(row!['margin'], "'=1+1\r\n@x")
  ok(formatCsv([verdict]).endsWith('\r\n'))
})

test('without a candidate there is the head alone', () => {
  deepEqual(
    formatCsv([]).trim().split(','),
    csvColumns.map(({ title }) => title),
  )
})

test('every column is described', () => {
  const readme = readFileSync(new URL('../../../../services/report/format/README.md', import.meta.url), 'utf8')

  for (const { title, about } of csvColumns) ok(readme.includes(`| \`${title}\` | ${about} |`), title)
})
