import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFor } from './plan.ts'

const units = {
  arms: 5,
  cpuSecondsPerMillion: { replay: 400, compare: 300, record: 200, broker: 100 },
  bytesPerExchange: { bodies: 1024, numbers: 512, log: 2048 },
}
const given = {
  utilisation: 0.5,
  dollarsPerCoreHour: 0.04,
  dollarsPerGibMonth: 0.1,
  bodiesDays: 10,
  metricsDays: 100,
  logDays: 7,
  replicas: 3,
}

test('cores are what every arm of every exchange takes, with room for peaks', () => {
  const plan = planFor(1_000, units, given)
  // 5,000 comparisons a second at 400 µs, on cores that are half full.
  assert.equal(plan.cores.replay, 4)
  // Three brokers write each record.
  assert.equal(plan.cores.broker, 3)
  assert.equal(plan.coresToHave, 12)
})

test('disks hold as many days as are kept, the log each copy of it', () => {
  const plan = planFor(100, units, given)
  const daily = 100 * 86_400
  assert.equal(plan.storeGib, (daily * (1024 * 10 + 512 * 100)) / 1024 ** 3)
  assert.equal(plan.logGib, (daily * 2048 * 7 * 3) / 1024 ** 3)
})

test('little traffic takes one broker and whole cores nevertheless; twice the traffic never costs less', () => {
  assert.equal(planFor(1, units, given).brokers, 1)
  assert.equal(planFor(1, units, given).coresToHave, 1)
  let before = 0
  for (const rate of [1, 10, 100, 1_000, 10_000]) {
    const { dollarsPerMonth } = planFor(rate, units, given)
    assert.ok(dollarsPerMonth > before)
    before = dollarsPerMonth
  }
})
