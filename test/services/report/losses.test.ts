import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { type PairRow } from '../../../services/report/pairs.ts'
import { addRows, countsIn, noRows } from '../../../services/report/sums/row-tally.ts'
import { aPairRow } from '../../support/pair-rows.ts'

function lossesOf(rows: readonly PairRow[]) {
  const { withLosses, losses } = countsIn(addRows(noRows(), rows))
  return { withLosses, losses }
}

test('losses are counted among the exchanges in the gates, once for each that has them', () => {
  const rows = [
    aPairRow(1),
    aPairRow(2, { losses: ['seed:dropped', 'user:dropped', 'seed:dropped'] }),
    aPairRow(3, { losses: ['seed:dropped'], outcome: 'different' }),
    aPairRow(4, { losses: ['seed:dropped'], outcome: 'failed' }),
    aPairRow(5, { losses: ['stop:dropped'], outcome: 'not_comparable', reason: 'material_loss:stop' }),
  ]

  deepEqual(lossesOf(rows), {
    withLosses: 3,
    losses: [
      { loss: 'seed:dropped', compared: 3, equivalent: 1 },
      { loss: 'user:dropped', compared: 1, equivalent: 1 },
    ],
  })
})

test('however many names the traffic has, the list has an end', () => {
  const rows = Array.from({ length: 80 }, (_, at) => aPairRow(at, { losses: [`p${at}:dropped`] }))

  deepEqual([lossesOf(rows).withLosses, lossesOf(rows).losses.length], [80, 50])
})
