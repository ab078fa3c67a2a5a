import { kellySums, logEFromSums } from '../../../shared/statistics/e-process.ts'
import { pairedMean } from '../../../shared/statistics/paired-mean.ts'
import { fixedUnits, sequentialUnits } from '../../../shared/statistics/planning.ts'
import { seededRandom } from '../../../shared/statistics/seeded-random.ts'
import { drawn, type Random, type Share, shareOf } from './draws.ts'

const alpha = 0.05
const planned = 0.8

export type Power = { sd: number; margin: number; sequential: Planned; oneLook: Planned; equivalence: Planned }
type Planned = { units: number; realised: Share }

export const plans = [
  { sd: 0.3, margin: 0.02 },
  { sd: 0.245, margin: 0.02 },
  { sd: 0.15, margin: 0.02 },
  { sd: 0.3, margin: 0.05 },
  { sd: 0.1, margin: 0.01 },
] as const

/** How often an equal candidate passes with as many units as the planning formulas ask for. */
export function powerOf({ sd, margin }: { sd: number; margin: number }, runs: number): Power {
  const plan = { sd, margin, alpha, power: planned }
  const bound = 1 - margin
  const realised = (units: number, passes: (differences: number[]) => boolean): Planned => {
    let passed = 0
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run * 104_729 + Math.round(sd * 1_000))
      passed += Number(passes(Array.from({ length: units }, () => difference(random, sd))))
    }
    return { units, realised: shareOf(passed, runs) }
  }
  return {
    sd,
    margin,
    sequential: realised(sequentialUnits({ ...plan, mean: margin, bound }), (differences) => {
      const sums = kellySums(
        differences.map((each) => each + margin),
        bound,
      )
      return logEFromSums(sums) >= Math.log(1 / alpha)
    }),
    oneLook: realised(fixedUnits(plan), (differences) => {
      return pairedMean(differences, { low: -margin, high: margin }, alpha)!.pAboveLow <= alpha
    }),
    equivalence: realised(fixedUnits({ ...plan, equivalence: true }), (differences) => {
      return pairedMean(differences, { low: -margin, high: margin }, alpha)!.pEquivalent <= alpha
    }),
  }
}

/** Symmetric around 0 on seven levels, with the given standard deviation. */
function difference(random: Random, sd: number): number {
  // Steps of 1/3, 2/3 and 1 in the ratio 12 : 3 : 1.
  const share = sd ** 2 / (2 * (12 * (1 / 3) ** 2 + 3 * (2 / 3) ** 2 + 1))
  const tails = [share, 3 * share, 12 * share]
  const shares = [...tails, 1 - 32 * share, ...tails.toReversed()]
  return (drawn(shares, random) - 3) / 3
}
