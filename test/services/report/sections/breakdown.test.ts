import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatMarkdown } from '../../../../services/report/format/markdown.ts'
import { formatText } from '../../../../services/report/format/text.ts'
import { labelTable } from '../../../../services/report/label-table.ts'
import { summaryPage } from '../../../../services/report/page.ts'
import { sectionsOf } from '../../../../services/report/sections/index.ts'
import { type Section } from '../../../../services/report/sections/section.ts'
import { type Breakdown } from '../../../../shared/contracts/breakdown.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'

const labels = ['billing', 'shipping']
const breakdown: Breakdown = {
  exchanges: 200,
  findings: {
    candidate: { same: 0.5, harmless: 0.2, unsure: 0.123, harmful: 0.177 },
    control: { same: 0.6, harmless: 0.29, unsure: 0.1, harmful: 0.01 },
  },
  rungs: [{ rung: 'facts', decided: { candidate: 0.3, control: 0.2 }, harmful: { candidate: 0.1, control: 0.004 } }],
  kinds: [{ kind: 'refusal:refusal_added', candidate: 0.02, control: 0.03 }],
  places: [{ route: 'invoice', path: '/total', exchanges: 90, candidate: 0.031, control: 0.002 }],
  measures: [{ route: 'invoice', measure: 'schema_kept', exchanges: 90, served: 1, candidate: 0.95, control: 0.99 }],
  labels: [
    {
      route: 'ticket',
      exchanges: 4,
      labels,
      candidate: labelTable(labels, [
        { served: 'billing', answered: 'billing', count: 2 },
        { served: 'billing', answered: 'else', count: 1 },
        { served: 'shipping', answered: 'billing', count: 1 },
      ]),
      control: null,
    },
  ],
  grounding: [
    {
      route: 'manual',
      exchanges: 50,
      served: { claims: 100, ungrounded: 0 },
      candidate: { claims: 120, ungrounded: 0.041 },
      control: { claims: 98, ungrounded: 0.006 },
    },
  ],
}
const verdict = verdictOn(traffic(200, { quality: 1 }), { breakdown })
const sectionOf = (title: string): Section => sectionsOf(verdict).find((section) => section.title === title)!

test('a verdict with a breakdown is one that every reader accepts, and without one it has no such sections', () => {
  deepEqual(Verdict.parse(verdict).breakdown, breakdown)
  deepEqual(sectionsOf(verdictOn(traffic(200, { quality: 1 }))), [])
})

test('the share that only a judge or a person can settle is told, the control’s beside it', () => {
  const { sentences, table } = sectionOf('What the answers come to')

  match(sentences[0]!, /^12\.3 % of the pairs are unsure \(the served model asked again 10\.0 %\)/)
  deepEqual(table!.rows[3], ['harmful to act on', '17.7 %', '1.0 %', '+16.7 %'])
  ok(verdict.caveats.some((caveat) => caveat.startsWith('no judge:') && caveat.includes('12.3 %')))
  const judge = { version: 'v', allowOwnFamily: false }
  ok(!verdictOn(traffic(200), { breakdown, judge }).caveats.some((caveat) => caveat.startsWith('no judge')))
})

test('the rung that catches the candidate is shown with the noise of the control subtracted', () => {
  deepEqual(sectionOf('Which rung decided').table!.rows, [['facts', '30.0 %', '10.0 %', '0.4 %', '+9.6 %']])
})

test('a refusal is told with its direction', () => {
  deepEqual(sectionOf('What differs').table!.rows, [['refusal: answered became refused', '2.0 %', '3.0 %', '−1.0 %']])
})

test('a path is told with its share of pairs and the served model’s own noise', () => {
  const { sentences } = sectionOf('Where documents and tool calls differ')

  equal(sentences[0], '/total of invoice differs in 3.1 % of the pairs (the served model asked again 0.2 %).')
})

test('schemas are told of served, control and candidate', () => {
  const row = ['keeps the schema asked for', 'invoice', '90', '95.0 %', '99.0 %', '100.0 %']
  deepEqual(sectionOf('Tool calls and schemas').table!.rows, [row])
})

test('a label route has its confusion matrix and what is found of each label', () => {
  const matrix = sectionOf('Labels of ticket: served (rows) against candidate (columns)').table!
  deepEqual(
    matrix.columns.map(({ title }) => title),
    ['served', 'billing', 'shipping', 'none of them'],
  )
  deepEqual(matrix.rows, [
    ['billing', '2', '0', '1'],
    ['shipping', '1', '0', '0'],
  ])
  const { rows } = sectionOf('Labels of ticket: how well each is found').table!
  deepEqual(rows[0], ['billing', '66.7 %', '66.7 %', '66.7 %', '–', '–', '–'])
  deepEqual(rows[1], ['shipping', '–', '0.0 %', '0.0 %', '–', '–', '–'])
})

test('what is not in the context is told in a sentence', () => {
  match(
    sectionOf('Not in the context').sentences[0]!,
    /^On manual the candidate states 4\.1 % of .* \(the served model asked again 0\.6 %\)\.$/,
  )
})

test('every format shows them', () => {
  const summaries = [{ verdict, worst: [] }]
  for (const text of [formatText(summaries), formatMarkdown(summaries), summaryPage(summaries)])
    for (const { title } of sectionsOf(verdict)) ok(text.includes(title), title)
})
