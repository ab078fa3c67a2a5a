import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type PairRow } from '../../../services/report/pairs.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import { aPairRow, candidateFailed, dayMs, traffic, verdictOn, withoutControl } from '../../support/pair-rows.ts'

const good = traffic(3_000)
const withOne = (overrides: Partial<PairRow>) =>
  good.map((row, number) => (number === 1_000 ? { ...row, ...overrides } : row))

test('the traffic that follows is a GO as it is', () => {
  equal(verdictOn(good).verdict, 'go')
})

for (const [what, overrides] of [
  ['a quality that is no number', { quality: Number.NaN }],
  ['a quality that came back as null', { quality: null }],
  ['a quality above 1', { quality: 1.2 }],
  ['a divergence below 0', { divergence: -0.1 }],
  ['a control’s quality that is no number, which would make the candidate win', { controlQuality: Number.NaN }],
  ['a control’s quality that came back as null', { controlQuality: null }],
  ['a soundness of what was served that is no number', { servedSoundness: Number.NaN }],
  ['a time below 0', { ttftMs: -5 }],
  ['a time without end', { controlTotalMs: Infinity }],
  ['a cost that is no number', { costUsd: Number.NaN }],
  ['a chance of being sampled of 0', { sampleProbability: 0 }],
  ['a time of capture that is no number', { capturedAtMs: Number.NaN }],
] as const) {
  test(`${what}: never a GO, and the exchange is named`, () => {
    const verdict = verdictOn(withOne(overrides))

    equal(verdict.verdict, 'inconclusive')
    equal(verdict.reason, 'scores_unusable')
    match(verdict.sentence, /^INCONCLUSIVE: 1 comparison \(the first of exchange 0{8}-0000-7000-8000-0{8}1000\)/)
    equal(Verdict.safeParse(verdict).error, undefined)
  })
}

test('nothing but unusable scores is not the same as nothing to compare', () => {
  equal(verdictOn([aPairRow(1, { quality: Number.NaN })]).reason, 'scores_unusable')
})

test('an unusable score does not hold back a NO-GO', () => {
  const rows = traffic(2_000, { quality: 0.5 }).map((row, number) => (number === 5 ? { ...row, quality: 2 } : row))
  equal(verdictOn(rows).verdict, 'no_go')
})

test('a failed candidate and one that was not compared have no broken scores', () => {
  const rows = withOne(candidateFailed).concat(
    aPairRow(9_000, { outcome: 'not_comparable', reason: 'served_error', error: null, quality: null, soundness: null }),
  )
  equal(verdictOn(rows).verdict, 'go')
})

test('two arms that are the same in everything show nothing', () => {
  const rows = good.map((row) => ({
    ...row,
    quality: row.controlQuality,
    divergence: row.controlDivergence,
    soundness: row.controlSoundness,
    ttftMs: row.controlTtftMs,
    totalMs: row.controlTotalMs,
    costUsd: row.controlCostUsd,
  }))
  const verdict = verdictOn(rows)

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'arms_identical')
})

test('one exchange told a thousand times is one unit', () => {
  const rows = Array.from({ length: 1_000 }, (_, number) => aPairRow(number, { conversationId: 'the same' }))
  const verdict = verdictOn(rows)

  equal(verdict.units.closed, 1)
  equal(verdict.verdict, 'inconclusive')
})

test('a control that is missing, or a price, is never a GO', () => {
  for (const overrides of [withoutControl, { costUsd: null }, { controlCostUsd: null }]) {
    equal(verdictOn(good.map((row) => ({ ...row, ...overrides }))).verdict, 'inconclusive')
  }
})

test('exchanges from the future, by a clock that is ahead, are open and count nothing', () => {
  const asOf = new Date(good[0]!.capturedAtMs - dayMs)
  const verdict = verdictOn(good, { asOf, trafficEnded: false })

  equal(verdict.units.closed, 0)
  equal(verdict.verdict, 'inconclusive')
})

test('a clock that was a year behind for one exchange does not make three days of one', () => {
  const oneDay = good.map((row, number) => ({
    ...row,
    capturedAtMs: row.capturedAtMs - (row.capturedAtMs % dayMs) - (number === 0 ? 365 * dayMs : 0),
  }))
  const today = oneDay.map((row, number) => ({
    ...row,
    capturedAtMs: number === 0 ? row.capturedAtMs : oneDay[1]!.capturedAtMs + number,
  }))
  const verdict = verdictOn(today)

  ok(verdict.days <= 2)
  equal(verdict.reason, 'too_few_days')
})
