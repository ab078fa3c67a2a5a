import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  addToSketch,
  emptySketch,
  mergeSketches,
  type QuantileSketch,
  sketchedQuantile,
} from '../../../shared/statistics/quantile-sketch.ts'
import { quantile } from '../../../shared/statistics/quantile.ts'

const width = 0.002
const ms = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, Infinity, 400, 1e-9))

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = emptySketch(width)
  for (const value of values) addToSketch(sketch, value)
  return sketch
}

test('a quantile is a value that was seen, at most the width of a bin below the exact one and never above it', () => {
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 200 }), fc.constantFrom(0.5, 0.95, 0.99), (values, tau) => {
      const [found, exact] = [sketchedQuantile(sketchOf(values), tau)!, quantile(values, tau)!]
      ok(values.includes(found))
      ok(found <= exact && (found === exact || found >= exact / (1 + width) - 1e-12), `${found} for ${exact}`)
    }),
  )
})

test('however values are cut into parts, the sketches add up to the same', () => {
  fc.assert(
    fc.property(fc.array(ms, { maxLength: 60 }), fc.nat(), (values, at) => {
      const cut = at % (values.length + 1)
      const merged = sketchOf(values.slice(cut))
      mergeSketches(merged, sketchOf(values.slice(0, cut)))
      deepEqual(new Map(merged.bins), new Map(sketchOf(values).bins))
    }),
  )
})

test('without values there is no quantile', () => {
  equal(sketchedQuantile(emptySketch(width), 0.5), null)
})
