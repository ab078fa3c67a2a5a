import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { comparablePairs, weightedMean } from '../../../services/report/pairs.ts'
import { aPairRow, candidateFailed, controlArm, withoutControl } from '../../support/pair-rows.ts'

const pairsOf = (...rows: ReturnType<typeof aPairRow>[]) => comparablePairs(rows, controlArm.fingerprint)

test('an exchange that is not comparable is in no gate, a failed one stays', () => {
  const pairs = pairsOf(
    aPairRow(1, { outcome: 'not_comparable', reason: 'served_error', error: null, quality: null }),
    aPairRow(2, candidateFailed),
  )

  equal(pairs.length, 1)
  equal(pairs[0]!.candidate.error, true)
  equal(pairs[0]!.candidate.quality, 0)
})

test('pairs come in the order of capture, whatever the order of the rows', () => {
  const rows = [aPairRow(3), aPairRow(1), aPairRow(2)]

  deepEqual(
    pairsOf(...rows).map(({ row }) => row.conversationId),
    ['conversation-1', 'conversation-2', 'conversation-3'],
  )
})

test('a control that was not asked, or had other settings, is no control', () => {
  const pairs = pairsOf(aPairRow(1, withoutControl), aPairRow(2, { controlFingerprint: 'other' }), aPairRow(3))

  deepEqual(
    pairs.map(({ control }) => control !== null),
    [false, false, true],
  )
})

test('means undo the sampling: an exchange sampled at one in four counts four times', () => {
  const pairs = pairsOf(aPairRow(1, { quality: 1, sampleProbability: 0.25 }), aPairRow(2, { quality: 0 }))

  equal(
    weightedMean(pairs, (pair) => pair.candidate.quality),
    0.8,
  )
  equal(
    weightedMean([], () => 1),
    null,
  )
})
