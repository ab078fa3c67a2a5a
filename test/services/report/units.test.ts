import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { comparablePairs } from '../../../services/report/pairs.ts'
import { idleMs, unitOf, unitsOf } from '../../../services/report/units.ts'
import { aPairRow, controlArm } from '../../support/pair-rows.ts'

const startMs = Date.UTC(2026, 10, 2)
const at = (...turns: [conversationId: string, minute: number][]) =>
  comparablePairs(
    turns.map(([conversationId, minute], number) =>
      aPairRow(number, { conversationId, capturedAtMs: startMs + minute * 60_000 }),
    ),
    controlArm.fingerprint,
  )
const after = (minutes: number) => new Date(startMs + minutes * 60_000)

test('a conversation closes when nothing was captured for 30 minutes', () => {
  const pairs = at(['a', 0], ['a', 10])

  equal(unitsOf(pairs, after(39), false).closed, 0)
  equal(unitsOf(pairs, after(39), false).open, 1)
  equal(unitsOf(pairs, after(40), false).closed, 1)
  equal(unitsOf(pairs, after(40), false).counted.size, 2)
})

test('when the traffic has ended every conversation is closed', () => {
  const units = unitsOf(at(['a', 0], ['b', 1]), after(1), true)

  equal(units.closed, 2)
  equal(units.open, 0)
})

test('a conversation that goes on after it was counted does not change what was counted', () => {
  const before = unitsOf(at(['a', 0], ['a', 10]), after(60), false)
  const resumed = unitsOf(at(['a', 0], ['a', 10], ['a', 61], ['a', 62]), after(63), false)

  equal(resumed.closed, 1)
  equal(resumed.open, 0)
  equal(resumed.late, 2)
  deepEqual(
    [...resumed.counted].map(({ row }) => row.exchangeId),
    [...before.counted].map(({ row }) => row.exchangeId),
  )
})

test('a silence just short of the limit keeps the conversation together', () => {
  const minutes = idleMs / 60_000
  equal(unitsOf(at(['a', 0], ['a', minutes - 1]), after(500), false).counted.size, 2)
  equal(unitsOf(at(['a', 0], ['a', minutes]), after(500), false).counted.size, 1)
})

test('an hour counts when it has been over for half an hour, whatever conversations go on', () => {
  const pairs = at(['a', 0], ['a', 50], ['a', 61])

  equal(unitsOf(pairs, after(89), false).inPastHours.size, 0)
  equal(unitsOf(pairs, after(90), false).inPastHours.size, 2)
  equal(unitsOf(pairs, after(149), false).inPastHours.size, 2)
  equal(unitsOf(pairs, after(62), true).inPastHours.size, 3)
  deepEqual(
    pairs.map((pair) => unitOf(pair, 'hour') === unitOf(pairs[0]!, 'hour')),
    [true, true, false],
  )
})

test('no more conversations count than may: the first to fall silent, whatever comes later', () => {
  const turns: [string, number][] = [
    ['long', 0],
    ['a', 1],
    ['b', 2],
    ['long', 20],
    ['c', 60],
  ]
  const counted = (pairs: ReturnType<typeof at>, minute: number) =>
    [...unitsOf(pairs, after(minute), false, 2).counted].map(({ row }) => row.conversationId).toSorted()

  deepEqual(counted(at(...turns.slice(0, 4)), 40), ['a', 'b'])
  deepEqual(counted(at(...turns), 200), ['a', 'b'])
  equal(unitsOf(at(...turns), after(200), false, 2).isFull, true)
  equal(unitsOf(at(...turns), after(200), false, 5).isFull, false)
  deepEqual([...unitsOf(at(...turns), after(200), false, 2).inPastHours], [])
})
