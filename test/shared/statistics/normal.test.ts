import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { normalCdf, normalQuantile } from '../../../shared/statistics/normal.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

const published: [number, number][] = [
  [0.5, 0],
  [0.8, 0.8416212335729142],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.999, 3.090232306167813],
  [1e-9, -5.997807015007687],
  // The published checks of AS 241.
  [0.25, -0.6744897501960817],
  [0.001, -3.090232306167813],
  [1e-20, -9.26234008979841],
]

for (const [p, z] of published) {
  test(`the normal quantile of ${p} is ${z}`, () => closeTo(normalQuantile(p), z, 1e-12 * Math.max(1, Math.abs(z))))
}

test('the ends are infinite and nothing lies beyond them', () => {
  equal(normalQuantile(0), -Infinity)
  equal(normalQuantile(1), Infinity)
  ok(Number.isNaN(normalQuantile(1.1)))
})

test('probabilities and quantiles agree with the reference far into the tails', () => {
  agreesWithReference('normalCdf', normalCdf, 1e-14)
  agreesWithReference('normalQuantile', normalQuantile, 1e-13)
})
