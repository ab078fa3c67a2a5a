import { minUnits } from '../../../services/report/evidence.ts'
import { type Reading } from '../../../services/report/gates/gate.ts'
import { gatesOf } from '../../../services/report/gates/index.ts'
import { burstsIn } from '../../../services/report/bursts.ts'
import { comparablePairs, type Pair } from '../../../services/report/pairs.ts'
import { addPairs, noPairs } from '../../../services/report/sums/pair-tally.ts'
import { type Unit, unitOf } from '../../../services/report/units.ts'
import { bets, logEFromSums } from '../../../shared/statistics/e-process.ts'
import { seededRandom } from '../../../shared/statistics/seeded-random.ts'
import { studentQuantile } from '../../../shared/statistics/student-t.ts'
import { readGate } from '../../support/gate-readings.ts'
import { controlArm, gates } from '../../support/pair-rows.ts'
import { type Share, shareOf } from './draws.ts'
import { trafficOf, type World } from './worlds.ts'

export const alpha = 0.05
const byHour = { unit: 'hour' } as const
const declared = { conversation: gatesOf(gates(), true), hour: gatesOf(gates({ errors: byHour }), true) }
const lookEvery = 100
/** Where all pairs are read again at each look. */
const rereadEvery = 2_000

export type FalseGo = {
  world: string
  gate: string
  exchanges: number
  /** By this project, at any look. */
  go: Share
  noGo: Share
  /** Of the false GO, those whose report warned of bursts at that look. */
  warned: number
  /** By others' rules on the same exchanges, at any look. */
  peekedTTest: Share
  pointEstimate: Share
  outside: string | null
}

type Seen = { go: boolean; noGo: boolean; warned: boolean; tTest: boolean; point: boolean }

/** How often a candidate exactly at its margin gets GO at any of the looks. The same seed gives the same shares. */
export function falseGo(world: World, { runs, exchanges }: { runs: number; exchanges: number }): FalseGo {
  const all = Array.from({ length: runs }, (_, run) => judged(world, exchanges, run))
  const share = (hit: (seen: Seen) => boolean) => shareOf(all.filter(hit).length, runs)
  return {
    world: world.name,
    gate: world.gate,
    exchanges,
    go: share(({ go }) => go),
    noGo: share(({ noGo }) => noGo),
    warned: all.filter(({ warned }) => warned).length,
    peekedTTest: share(({ tTest }) => tTest),
    pointEstimate: share(({ point }) => point),
    outside: world.outside ?? null,
  }
}

function judged(world: World, exchanges: number, run: number): Seen {
  const rows = trafficOf(world, exchanges, seededRandom(run * 7_919 + 1))
  const pairs = comparablePairs(rows, controlArm.fingerprint)
  const seen: Seen = { go: false, noGo: false, warned: false, tTest: false, point: false }
  if (!world.rereads) {
    look(world, pairs, seen, false)
    return seen
  }
  for (let end = rereadEvery; end <= exchanges; end += rereadEvery) look(world, pairs.slice(0, end), seen, true)
  return seen
}

/** Goes through the units in their order, with a look every hundred exchanges or, with `onlyLast`, at the end. */
function look(world: World, pairs: readonly Pair[], seen: Seen, onlyLast: boolean): void {
  const gate = declared[world.unit ?? 'conversation'].find(({ name }) => name === world.gate)!
  const { readings } = readGate(gate, pairs)
  const values = unitValues(readings, gate.unit)
  const perUnit = world.blockIsUnit ? world.block : 1
  const every = Math.ceil(lookEvery / perUnit)
  const [toGo, toNoGo] = [bets.map(() => 0), bets.map(() => 0)]
  const naive = { sum: 0, squares: 0, n: 0 }
  for (const [index, value] of values.entries()) {
    for (const [k, bet] of bets.entries()) {
      toGo[k]! += Math.log1p((bet * value) / gate.lowest)
      toNoGo[k]! += Math.log1p((-bet * value) / gate.highest)
    }
    for (const { y } of readings.slice(index * perUnit, (index + 1) * perUnit)) {
      naive.sum += y
      naive.squares += y * y
      naive.n += 1
    }
    const units = index + 1
    if (units < minUnits || (onlyLast ? units < values.length : units % every !== 0)) continue
    if (!seen.go && logEFromSums(toGo) >= Math.log(1 / alpha)) {
      seen.go = true
      seen.warned = isBursty(pairs.slice(0, units * perUnit))
    }
    seen.noGo ||= logEFromSums(toNoGo) >= Math.log(1 / alpha)
    const mean = naive.sum / naive.n
    const error = Math.sqrt(Math.max(0, naive.squares / naive.n - mean ** 2) / (naive.n - 1))
    seen.tTest ||= mean > criticalT(naive.n) * error
    seen.point ||= mean >= 0
  }
}

/** Every pair of these worlds has the weight 1. */
function unitValues(readings: readonly Reading[], unit: Unit): number[] {
  const units = Map.groupBy(readings, ({ pair }) => unitOf(pair, unit))
  return [...units.values()].map((members) => members.reduce((sum, { y }) => sum + y, 0) / members.length)
}

function isBursty(pairs: readonly Pair[]): boolean {
  const tally = noPairs(false)
  addPairs(tally, pairs, [])
  return burstsIn([...tally.hours.values()]) !== null
}

const known = new Map<number, number>()

function criticalT(n: number): number {
  const found = known.get(n) ?? studentQuantile(1 - alpha, n - 1)
  known.set(n, found)
  return found
}
