import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bets, logEFromSums } from '../../../shared/statistics/e-process.ts'
import { seededRandom } from '../../support/statistics.ts'

const margin = 0.02
const bound = 1 - margin
const threshold = Math.log(20)
const runs = 400
const unitsPerRun = 600
const levels = [-1, -2 / 3, -1 / 3, 0, 1 / 3, 2 / 3, 1]

/** Seven levels, symmetric around a candidate that is worse by `loss`: shares chosen so that the sd is near 0.3. */
function shareOfProven(loss: number, seed: number): number {
  const random = seededRandom(seed)
  const symmetric = [0.01, 0.03, 0.12, 0.68, 0.12, 0.03, 0.01]
  // Moving this share from one step up to one step down lowers the mean by exactly `loss`.
  const moved = loss / (levels[4]! - levels[2]!)
  const shares = symmetric.map((share, level) => (level === 4 ? share - moved : level === 2 ? share + moved : share))
  const steps = levels.map((level) => bets.map((bet) => Math.log1p((bet * (level + margin)) / bound)))
  let proven = 0
  for (let run = 0; run < runs; run += 1) {
    const sums = bets.map(() => 0)
    for (let unit = 1; unit <= unitsPerRun; unit += 1) {
      const step = steps[drawn(shares, random())]!
      for (let k = 0; k < sums.length; k += 1) sums[k]! += step[k]!
      if (unit % 20 === 0 && logEFromSums(sums) >= threshold) {
        proven += 1
        break
      }
    }
  }
  return proven / runs
}

function drawn(shares: number[], uniform: number): number {
  let rest = uniform
  return Math.max(
    0,
    shares.findIndex((share) => (rest -= share) < 0),
  )
}

test('a candidate exactly at its margin is let through in at most alpha of the runs, with a look every 20 units', () => {
  // Three standard errors above 5 %; the seed is fixed, so this never flickers.
  ok(shareOfProven(margin, 20_260_101) <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs))
})

test('a candidate that is better than its margin by far is let through', () => {
  ok(shareOfProven(-0.08, 20_260_102) > 0.9)
})
