import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { confidenceSequence } from '../../../shared/statistics/confidence-sequence.ts'
import { asHistogram, logE } from '../../../shared/statistics/e-process.ts'
import { seededRandom } from '../../../shared/statistics/seeded-random.ts'
import {
  coarseGrid,
  countValue,
  fineGrid,
  type Grid,
  mergeValues,
  momentsOf,
  noValues,
  scaled,
  type ValueCounts,
} from '../../../shared/statistics/value-counts.ts'
import { closeTo } from '../../support/statistics.ts'

function countsOf(values: readonly number[], grid: Grid = fineGrid): ValueCounts {
  const counts = noValues(grid)
  for (const value of values) countValue(counts, value)
  return counts
}

/** Neighbours in the order of the values. */
const sorted = ({ counts }: ValueCounts) => [...counts].toSorted(([a], [b]) => a - b)

const value = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, -1, 1e-300, -1e-13, 2 ** -40))

test('few distinct values are kept as they are', () => {
  const counts = countsOf([0.1, 0.1, -0.97, 0, -0])

  deepEqual(sorted(counts), [
    [-0.97, 1],
    [0, 2],
    [0.1, 2],
  ])
})

for (const grid of [fineGrid, coarseGrid]) {
  test(`however values are cut into parts, and in whatever order, they add up to the same (${grid.bits} bits)`, () => {
    const tiny = { ...grid, mostExact: 8 }
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.nat(), fc.nat(), (values, first, second) => {
        const [low, high] = [first, second].map((cut) => cut % (values.length + 1)).toSorted((a, b) => a - b)
        const parts = [values.slice(0, low), values.slice(low, high), values.slice(high)]
        const merged = noValues(tiny)
        for (const part of parts.toReversed()) mergeValues(merged, countsOf(part, tiny))
        const whole = countsOf(values, tiny)

        equal(merged.isExact, whole.isExact)
        const [ours, theirs] = [sorted(merged), sorted(whole)]
        deepEqual(
          ours.map(([point]) => point),
          theirs.map(([point]) => point),
        )
        for (const [index, [, times]] of ours.entries()) closeTo(times, theirs[index]![1], 1e-12)
      }),
    )
  })
}

const drawn = (seed: number, units: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: units }, () => 0.05 + 0.6 * (random() - 0.5) * random())
}

test('the grid keeps number and mean, and takes evidence away in both directions but never adds any', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const values = drawn(seed, 2_000)
    for (const grid of [fineGrid, coarseGrid]) {
      const counts = scaled(countsOf(values, grid), 1, -0.97, 1.03)
      const [kept, exact] = [momentsOf(counts, 2_000), momentsOf(asHistogram(values), 2_000)]

      closeTo(kept.mean, exact.mean, 1e-12)
      ok(kept.sd >= exact.sd && kept.sd < exact.sd * (grid === fineGrid ? 1.001 : 1.004), `${kept.sd / exact.sd}`)
      ok(logE(counts, 0.97) <= logE(values, 0.97) + 1e-9)
      ok(logE(counts, 0.97) > logE(values, 0.97) - 0.2)
      const range = { low: -0.97, high: 1.03 }
      const [wide, narrow] = [confidenceSequence(counts, range, 0.05), confidenceSequence(values, range, 0.05)]
      ok(wide.lower <= narrow.lower + 1e-12 && wide.upper >= narrow.upper - 1e-12)
      ok(wide.upper - wide.lower < 1.005 * (narrow.upper - narrow.lower))
    }
  }
})

test('no grid point lies beyond the bounds, and what is scaled keeps its mean', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 20, maxLength: 60 }),
      fc.double({ min: 0.1, max: 3, noNaN: true }),
      (values, factor) => {
        const counts = scaled(countsOf(values, { mostExact: 4, bits: 4 }), factor, -factor, factor)

        for (const point of counts.values) ok(Math.abs(point) <= factor * (1 + 1e-15))
        ok(counts.times.every((times) => times >= -1e-12))
        const mean = values.reduce((sum, each) => sum + each * factor, 0) / values.length
        closeTo(momentsOf(counts, values.length).mean, mean, 1e-12)
      },
    ),
  )
})
