import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert, nat, property, record, type Arbitrary } from 'fast-check'
import { neverLower, noTotals, settledOf, sumOf } from '../../../../services/tap/cluster/totals.ts'
import { type Totals } from '../../../../services/tap/ledger.ts'

const count = nat({ max: 1_000 })
const anyTotals: Arbitrary<Totals> = record({
  sampled_out: count,
  opted_out: count,
  unsupported: count,
  published: count,
  pending: count,
  dropped: count,
}).map((counts) => ({
  ...counts,
  served: Object.values(counts).reduce((sum, each) => sum + each, 0),
  droppedByReason: counts.dropped === 0 ? {} : { spool_full: counts.dropped },
}))

function assertBalanced({ served, droppedByReason, ...outcomes }: Totals): void {
  equal(
    served,
    Object.values(outcomes).reduce((sum, each) => sum + each, 0),
  )
  equal(
    outcomes.dropped,
    Object.values(droppedByReason).reduce((sum, each) => sum + each, 0),
  )
}

test('what balances for each process balances for all of them, with or without what is pending', () => {
  assert(
    property(array(anyTotals), (each) => {
      const sum = sumOf(each)
      assertBalanced(sum)
      equal(
        sum.served,
        each.reduce((served, totals) => served + totals.served, 0),
      )
      const settled = settledOf(sum)
      assertBalanced(settled)
      deepEqual([settled.pending, settled.published], [0, sum.published])
    }),
  )
})

test('nothing is the sum of no processes', () => {
  deepEqual(sumOf([]), noTotals)
})

test('a process that dies lowers no count, and the balance holds until another one accounts for what it had pending', () => {
  assert(
    property(anyTotals, anyTotals, (died, lives) => {
      let now = sumOf([died, lives])
      const read = neverLower(() => now)
      const before = read()
      deepEqual(before, now)

      now = sumOf([settledOf(died), lives])
      const after = read()
      assertBalanced(after)
      deepEqual(after, before)

      const takenOver = { ...noTotals, served: died.pending, published: died.pending }
      now = sumOf([settledOf(died), lives, takenOver])
      deepEqual([read().served, read().pending], [before.served, lives.pending])
    }),
  )
})
