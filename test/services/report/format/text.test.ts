import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bar, differenceLine, formatOverview, formatText } from '../../../../services/report/format/text.ts'
import { span, usd } from '../../../../services/report/words.ts'
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

test('every gate tells its margin, and the columns are explained', () => {
  const text = formatText(summaries).replaceAll(/\s+/g, ' ')

  for (const { margin } of summaries[0]!.verdict.gates) ok(text.includes(margin), margin)
  match(text, /served again: the served model, asked the same request at the same time/)
  match(text, /holds at every look \(90 %\)/)
})

test('a difference says each thing once', () => {
  const line = (message: string, path: string | null, served: string | null, arm: string | null) =>
    differenceLine({ rung: 'facts', path, message, served, arm })

  equal(line('date 4 July became 9 July', null, '4 July', '9 July'), '≠ facts: date 4 July became 9 July')
  equal(line('/total changed', '/total', '12', '125'), '≠ /total changed: 12 → 125')
  equal(line('measure 2 kg is missing', null, '2 kg', null), '≠ facts: measure 2 kg is missing')
  equal(line('negation added', null, 'You can.', 'You cannot.'), '≠ facts: negation added: You can. → You cannot.')
})

test('a time is told in the unit that shows it', () => {
  deepEqual([3.21, 1, 0.5, 0.02, 0.0001].map(span), [
    '3.2 days',
    '1.0 days',
    '12.0 hours',
    '28 minutes',
    'under a minute',
  ])
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

test('the overview is short: every verdict with its reason, two differences each, one ledger for all', () => {
  const worst = [aWorstComparison(), aWorstComparison(), aWorstComparison()]
  const text = formatOverview([{ ...summaries[0]!, worst }, summaries[1]!])

  match(text, /NO-GO: quality is outside its margin/)
  match(text, /INCONCLUSIVE: /)
  equal(text.match(/≠/g)?.length, 2)
  equal(text.match(/Ledger/g)?.length, 1)
  ok(text.split('\n').length < 60)
})

test('no line begins with the % of the number before it', () => {
  for (let width = 60; width < 110; width++) ok(!/^\s*%/m.test(formatText(summaries, { width })))
})

test('an open verdict tells how many more there have to be under all three assumptions', () => {
  const open = verdictOn(traffic(400))
  const { atObservedRate, ifTrulyEqual, atLowerBound } = open.moreNeeded!
  const words = (units: number | null) => (units === null ? 'not in sight' : units.toLocaleString('en-US'))
  const text = formatText([{ verdict: open, worst: [] }], { width: 400 })

  equal(open.verdict, 'inconclusive')
  ok(
    text.includes(
      `${words(atObservedRate)} at the rate seen, ${words(ifTrulyEqual)} if both arms are equal, ${words(atLowerBound)} if it is as bad as its interval allows`,
    ),
  )
})

test('an amount of money has three digits that count, and whole cents from ten dollars on', () => {
  deepEqual([0, 0.003_12, 0.000_000_45, 9.996, 17.3, 99.994, 1_234.5, null].map(usd), [
    '$0',
    '$0.00312',
    '$0.000000450',
    '$10.00',
    '$17.30',
    '$99.99',
    '$1,235',
    '–',
  ])
})
