import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../shared/statistics/seeded-random.ts'

test('the same seed gives the same numbers, evenly in [0, 1)', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 10_000 }, random)
  }
  deepEqual(draw(5), draw(5))
  const values = draw(6)
  ok(values.every((value) => value >= 0 && value < 1))
  ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / 10_000 - 0.5) < 0.01)
})
