import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { gatesOf } from '../../../../services/report/gates/index.ts'
import { comparablePairs, type PairRow } from '../../../../services/report/pairs.ts'
import {
  aPairRow,
  candidateFailed,
  controlArm,
  controlFailed,
  gates,
  traffic,
  withoutControl,
} from '../../../support/pair-rows.ts'
import { readGate } from '../../../support/gate-readings.ts'
import { seededRandom } from '../../../support/statistics.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const milliseconds = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null })
const costUsd = fc.double({ min: 0, max: 10, noNaN: true })

const anyMeasures: fc.Arbitrary<Partial<PairRow>> = fc.record({
  servedSoundness: share,
  error: fc.boolean(),
  quality: share,
  divergence: share,
  soundness: share,
  ttftMs: milliseconds,
  totalMs: milliseconds,
  costUsd,
  controlError: fc.boolean(),
  controlQuality: share,
  controlDivergence: share,
  controlSoundness: share,
  controlTtftMs: milliseconds,
  controlTotalMs: milliseconds,
  controlCostUsd: costUsd,
})

const burnIn = traffic(250)
const declared = gatesOf(gates(), true)
const pairsOf = (rows: PairRow[]) => comparablePairs(rows, controlArm.fingerprint)
const later = (number: number, overrides: Partial<PairRow> = {}) => aPairRow(10_000 + number, overrides)

for (const gate of declared) {
  const readOne = (row: PairRow) =>
    readGate(gate, pairsOf([...burnIn, row])).readings.find(({ pair }) => pair.row === row)

  test(`${gate.name}: every reading lies within the declared bounds`, () => {
    fc.assert(
      fc.property(anyMeasures, (measures) => {
        const reading = readOne(later(1, measures))
        if (reading === undefined) return
        const slack = 1e-12
        ok(reading.y >= -gate.lowest - slack && reading.y <= gate.highest + slack, `${reading.y}`)
        ok(reading.yIfEqual >= -gate.lowest - slack && reading.yIfEqual <= gate.highest + slack)
      }),
      { numRuns: 50 },
    )
  })

  test(`${gate.name}: a candidate that does what its reference does reads as equal, and equal is inside on average`, () => {
    const { readings } = readGate(
      gate,
      pairsOf(
        traffic(1_000).map((row) => ({
          ...row,
          quality: row.controlQuality,
          divergence: row.controlDivergence,
          soundness: row.controlSoundness,
          servedSoundness: row.controlSoundness!,
          ttftMs: row.controlTtftMs,
          totalMs: row.controlTotalMs,
          costUsd: row.controlCostUsd,
        })),
      ),
    )

    ok(readings.length > 500)
    for (const { y, yIfEqual } of readings) equal(y.toFixed(12), yIfEqual.toFixed(12))
    ok(readings.reduce((sum, { y }) => sum + y, 0) > 0)
  })

  test(`${gate.name}: without any pair there are no readings and it stays measurable`, () => {
    equal(readGate(gate, []).readings.length, 0)
    equal(readGate(gate, []).unmeasurable, null)
  })
}

const named = (name: string) => declared.find((gate) => gate.name === name)!
const yOf = (name: string, row: PairRow) =>
  readGate(named(name), pairsOf([...burnIn, row])).readings.find(({ pair }) => pair.row === row)?.y

test('a failed candidate counts against every gate but the replay checks', () => {
  for (const gate of declared.filter(({ name }) => !['cost', 'replayLow', 'replayHigh'].includes(name))) {
    const y = yOf(gate.name, later(1, candidateFailed))
    ok(y !== undefined && y < 0, gate.name)
  }
})

test('a failed control leaves quality and divergence, and speaks against the errors and latency of the served model', () => {
  const row = later(1, controlFailed)

  equal(yOf('quality', row), undefined)
  equal(yOf('divergence', row), undefined)
  equal(yOf('errors', row), 1.01)
  equal(yOf('ttftP95', row), 1)
  equal(yOf('replayLow', row), 0.03 - 1)
})

test('an exchange without a control is only in the error ceiling', () => {
  const row = later(1, withoutControl)
  for (const gate of declared) equal(yOf(gate.name, row) !== undefined, gate.name === 'errorCeiling', gate.name)
})

test('without a control the reference of quality is the served answer, and relative gates cannot be measured', () => {
  const uncontrolled = gatesOf(gates(), false)
  const pairs = pairsOf([aPairRow(1, { ...withoutControl, quality: 0.9 })])
  const measurable = uncontrolled.filter((gate) => readGate(gate, pairs).unmeasurable === null).map(({ name }) => name)

  equal(measurable.join(), 'quality,errorCeiling')
  ok(Math.abs(readGate(uncontrolled[0]!, pairs).readings[0]!.y - (0.9 - 0.97)) < 1e-12)
})

test('latency is compared at theta, 20 % or 200 ms above the earlier quantile, and the earlier pairs do not count', () => {
  const rows = Array.from({ length: 30 }, (_, number) => aPairRow(number))
  const { readings, notes } = readGate(named('ttftP50'), pairsOf(rows))

  equal(readings.length, 10)
  equal(notes[0], 'theta 600 ms from 40 earlier latencies, whose exchanges do not count')
  equal(yOf('ttftP50', later(1, { ttftMs: 1e9 })), -1)
})

test('the p95 gates wait for 400 latencies and say so', () => {
  const { readings, unmeasurable, notes } = readGate(named('ttftP95'), pairsOf(traffic(150)))

  equal(readings.length, 0)
  equal(unmeasurable, null)
  ok(notes[0]!.startsWith('300 of the 400 latencies'))
})

test('a conversation that began among the pairs that fixed theta does not count', () => {
  const rows = traffic(300).map((row, number) => (number === 290 ? { ...row, conversationId: 'conversation-3' } : row))

  equal(readGate(named('ttftP95'), pairsOf(rows)).readings.length, 99)
})

for (const name of ['ttftP50', 'ttftP95', 'totalP95', 'cost']) {
  test(`${name}: a bound that was fixed before stays, whatever earlier exchanges turn up late`, () => {
    const rows = traffic(400)
    const { bound, readings } = readGate(named(name), pairsOf(rows))
    const late = Array.from({ length: 50 }, (_, number) =>
      aPairRow(-1_000 - number, { controlTtftMs: 9e5, controlTotalMs: 9e5, servedTtftMs: 9e5, controlCostUsd: 1e-4 }),
    )

    const again = readGate(named(name), pairsOf([...late, ...rows]), bound!)

    deepEqual(
      again.readings.map(({ y }) => y),
      readings.map(({ y }) => y),
    )
    notDeepEqual(readGate(named(name), pairsOf([...late, ...rows])).bound, bound)
  })
}

test('a cost above the scale of the first 100 priced pairs widens it for all, and is never clipped', () => {
  const rows = Array.from({ length: 120 }, (_, number) => aPairRow(number, number === 119 ? { costUsd: 5 } : {}))
  const { readings, notes } = readGate(named('cost'), pairsOf(rows))

  equal(readings.length, 20)
  const sumUsd = readings.reduce((sum, { y }) => sum + y * 10, 0)
  ok(Math.abs(sumUsd - (20 * 1.02 * 0.004 - 19 * 0.004 - 5)) < 1e-9, 'the mean is that of the costs as they are')
  ok(
    notes.some((note) => note.startsWith('widened from $0.00800')),
    notes.join(),
  )
})

const withUnpriced = (every: number) =>
  Array.from({ length: 300 }, (_, number) => aPairRow(number, number % every === 0 ? { costUsd: null } : {}))

test('a candidate without a price is charged as its dearest answer, and above 5 % the cost gate has no data', () => {
  const dear = withUnpriced(30).map((row, number) => (number === 7 ? { ...row, costUsd: 0.006 } : row))
  const few = readGate(named('cost'), pairsOf(dear))
  const many = readGate(named('cost'), pairsOf(withUnpriced(15)))

  // 104 pairs hold the 100 priced ones.
  equal(few.readings.length, 196)
  const charged = few.readings.filter(({ pair }) => pair.candidate.costUsd === null)
  equal(charged.length, 6)
  for (const { y } of charged) ok(Math.abs(y - (1.02 * 0.004 - 0.006) / 0.012) < 1e-12)
  equal(few.notes.at(-1), '6 answers of the candidate without a price, counted as its dearest: $0.00600')
  equal(many.readings.length, 0)
  equal(many.unmeasurable, '6.7 % of the pairs have no price')
})

test('which pairs count in cost and latency depends on the control alone', () => {
  const noPrice = later(1, { controlCostUsd: null })
  const noTime = later(2, { controlTtftMs: null, ttftMs: 1 })

  equal(yOf('cost', noPrice), undefined)
  equal(yOf('ttftP95', noTime), undefined)
  ok(yOf('cost', later(3, { costUsd: null }))! < yOf('cost', later(3, { costUsd: 0.001 }))!)
  equal(yOf('ttftP95', later(4, { ttftMs: null })), -1)
})

test('two free models give no evidence about cost', () => {
  const rows = Array.from({ length: 120 }, (_, number) => aPairRow(number, { costUsd: 0, controlCostUsd: 0 }))
  equal(readGate(named('cost'), pairsOf(rows)).unmeasurable, 'no pair costs anything')
})

test('a loud noise floor is said', () => {
  const random = seededRandom(5)
  const rows = Array.from({ length: 50 }, (_, number) => aPairRow(number, { controlDivergence: 0.5 + random() / 2 }))
  ok(readGate(named('divergence'), pairsOf(rows)).notes[0]!.startsWith('noise floor 7'))
})
