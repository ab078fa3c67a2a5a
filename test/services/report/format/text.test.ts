import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bar, formatText } from '../../../../services/report/format/text.ts'
import { traffic, verdictOn } from '../../../support/pair-rows.ts'
import { aWorstComparison, hostile } from '../../../support/worst-comparison.ts'

const summaries = [
  { verdict: verdictOn(traffic(3_000, { quality: 0.88 })), worst: [aWorstComparison()] },
  { verdict: { ...verdictOn(traffic(600, { quality: 0.975 })), candidate: 'loud' }, worst: [] },
]

test('the first lines say verdict, deciding gate, interval and how many more for every candidate', () => {
  const text = formatText(summaries)

  match(text, /subtle +NO-GO +quality +−\d[\d.]* \[−[\d.]+, −[\d.]+\] +–/)
  match(text, /loud +INCONCLUSIVE +quality +\+\d[\d.]* \[−[\d.]+, \+[\d.]+\] +\d+/)
})

test('worst differences show both sides and the difference', () => {
  const text = formatText(summaries)

  match(text, /served +\{"total": 12\.5\}/)
  match(text, /subtle +\{"total": 125\}/)
  match(text, /≠ \/total value differs: 12\.5 → 125/)
})

test('lines keep to the terminal', () => {
  const long = aWorstComparison({ servedExcerpt: 'word '.repeat(200), armExcerpt: 'x'.repeat(900) })
  const text = formatText([{ ...summaries[0]!, worst: [long] }], { width: 110 })

  for (const line of text.split('\n')) ok(Array.from(line).length <= 120, line)
})

test('colours only when asked for', () => {
  ok(!formatText(summaries).includes('\u001B'))
  ok(formatText(summaries, { colors: true }).includes('\u001B[31m'))
})

test('text of a model cannot act on the terminal', () => {
  const worst = [
    aWorstComparison({
      servedExcerpt: hostile,
      armExcerpt: hostile,
      differences: [{ rung: 'text', path: hostile, message: hostile, served: hostile, arm: hostile }],
    }),
  ]
  const text = formatText([{ ...summaries[0]!, worst }])

  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  ok(!/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/.test(text))
})

test('without candidates it still says so', () => {
  match(formatText([]), /no candidate/)
})

test('the interval stands right of the margin when inside, left of it when outside, across it when open', () => {
  equal(bar({ mean: 0.5, lower: 0.1, upper: 1 }), '          │├───●────┤')
  equal(bar({ mean: -0.5, lower: -1, upper: -0.1 }), '├────●───┤│          ')
  equal(bar({ mean: 0, lower: -1, upper: 1 }), '├─────────●─────────┤')
  equal(bar({ mean: null, lower: null, upper: null }).trim(), '│')
})
