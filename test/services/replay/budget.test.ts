import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createBudget, type Reservation } from '../../../services/replay/budget.ts'

async function reserve(budget: ReturnType<typeof createBudget>, estimateUsd: number): Promise<Reservation> {
  const reservation = await budget.reserve(estimateUsd)
  assert.notEqual(reservation, 'reached')
  return reservation as Reservation
}

test('a budget that is spent is reached, and open again on the next UTC day', async () => {
  let now = new Date('2026-03-01T23:59:00Z')
  const budget = createBudget(10, () => now)
  ;(await reserve(budget, 1)).settle(12)
  assert.equal(await budget.reserve(1), 'reached')
  now = new Date('2026-03-02T00:00:00Z')
  ;(await reserve(budget, 1)).settle(1)
})

test('a call whose cost is unknown costs its estimate', async () => {
  const budget = createBudget(10)
  ;(await reserve(budget, 10)).settle(null)
  assert.equal(await budget.reserve(1), 'reached')
})

test('a call that was not made costs nothing, and settles once', async () => {
  const budget = createBudget(10)
  const reservation = await reserve(budget, 9)
  reservation.settle(0)
  reservation.settle(9)
  await reserve(budget, 10)
})

test('where only calls in flight stand in the way, the next one waits to see what they cost', async () => {
  const budget = createBudget(10)
  const first = await reserve(budget, 8)
  let entered = false
  const second = reserve(budget, 5).then((reservation) => {
    entered = true
    return reservation
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(entered, false)
  first.settle(1)
  ;(await second).settle(2)
})

test('one call larger than what is left is still made, so that the budget can be spent', async () => {
  await reserve(createBudget(1), 5)
})

test('law: however calls overlap, spending passes the limit by one call at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { maxLength: 60 }),
      fc.double({ min: 0.5, max: 20, noNaN: true }),
      async (costs, limitUsd) => {
        const budget = createBudget(limitUsd)
        let spentUsd = 0
        await Promise.all(
          costs.map(async (costUsd, nth) => {
            const reservation = await budget.reserve(costUsd)
            if (reservation === 'reached') return
            spentUsd += costUsd
            for (let turn = 0; turn < nth % 5; turn++) await Promise.resolve()
            reservation.settle(costUsd)
          }),
        )
        assert.ok(spentUsd <= limitUsd + Math.max(0, ...costs), `spent ${spentUsd} of ${limitUsd}`)
        const wanted = costs.reduce((sum, cost) => sum + cost, 0)
        assert.ok(spentUsd >= Math.min(limitUsd, wanted) - 1e-6, 'what may be spent is spent')
      },
    ),
  )
})
