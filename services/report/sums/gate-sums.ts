import { type GateResult } from '../../../shared/contracts/verdict.ts'
import {
  addToSketch,
  emptySketch,
  mergeSketches,
  type QuantileSketch,
  sketchedQuantile,
} from '../../../shared/statistics/quantile-sketch.ts'
import {
  coarseGrid,
  countValue,
  fineGrid,
  type Grid,
  mergeValues,
  noValues,
  type ValueCounts,
} from '../../../shared/statistics/value-counts.ts'
import { type Gate, type Reading } from '../gates/gate.ts'
import { unitOf } from '../units.ts'

/** A mean in the making. */
export type Weighed = { sum: number; weight: number }

/** Of values: their sum, and that of their squares. */
export type Spread = { sum: number; squares: number }

/** How exactly sums keep what they add up: `width` is how far a quantile may lie below the exact one, as a share of it. */
export type Precision = { width: number; grid: Grid }

/** Of the whole traffic, and of a part of it. */
export const fine: Precision = { width: 0.002, grid: fineGrid }
export const coarse: Precision = { width: 0.02, grid: coarseGrid }

/**
 * What one gate has to say on one kind of traffic. Of two disjoint sets of units they add up to those of both, in any order,
 * so that a verdict needs no row that has been added once. Once they are made they are not changed, but added up to others: who
 * keeps some can hand them out. Values are those of units before they are divided by the
 * largest weight and the gate's scale, which may both still grow.
 */
export type GateSums = {
  units: number
  exchanges: number
  /** Exchanges that the gate's notes count. */
  marked: number
  values: ValueCounts
  /** Of the exchanges by themselves: what clusters are measured against. */
  alone: Spread
  /** Without the candidate's incidents; null: the same. */
  calm: { units: number; values: ValueCounts } | null
  /** Sum over the units of what they would be if both arms were equal. */
  ifEqual: number
  heaviest: number
  lightest: number
  candidate: Weighed
  reference: Weighed
  /** Of both arms, where the gate is about a quantile. */
  sketches: { candidate: QuantileSketch; reference: QuantileSketch } | null
}

export function noSums({ natural }: Pick<Gate, 'natural'>, { width, grid }: Precision): GateSums {
  return {
    units: 0,
    exchanges: 0,
    marked: 0,
    values: noValues(grid),
    alone: { sum: 0, squares: 0 },
    calm: null,
    ifEqual: 0,
    heaviest: 0,
    lightest: Infinity,
    candidate: { sum: 0, weight: 0 },
    reference: { sum: 0, weight: 0 },
    sketches: natural.tau === null ? null : { candidate: emptySketch(width), reference: emptySketch(width) },
  }
}

/** Sums of readings that make up whole units. `calm`: those of them that are not of an incident of the candidate. */
export function sumsOf(gate: Gate, entered: readonly Reading[], calm: readonly Reading[], precision = fine): GateSums {
  const sums = noSums(gate, precision)
  const units = unitsIn(entered, gate)
  for (const { y, yIfEqual } of units) {
    countValue(sums.values, y)
    sums.ifEqual += yIfEqual
  }
  sums.units = units.length
  if (calm.length < entered.length) {
    const values = noValues(precision.grid)
    const left = unitsIn(calm, gate)
    for (const { y } of left) countValue(values, y)
    sums.calm = { units: left.length, values }
  }
  for (const reading of entered) addExchange(sums, gate, reading)
  return sums
}

function addExchange(sums: GateSums, { natural }: Gate, { pair, y, amounts, isMarked }: Reading): void {
  const { weight } = pair
  const value = (amounts?.y ?? y) * weight
  sums.alone.sum += value
  sums.alone.squares += value * value
  const [ours, theirs] = [natural.candidate(pair), natural.reference(pair)]
  sums.exchanges += 1
  sums.marked += Number(isMarked ?? false)
  sums.heaviest = Math.max(sums.heaviest, weight)
  sums.lightest = Math.min(sums.lightest, weight)
  if (sums.sketches !== null) {
    addToSketch(sums.sketches.candidate, ours ?? Infinity)
    addToSketch(sums.sketches.reference, theirs ?? Infinity)
    return
  }
  weigh(sums.candidate, ours, weight)
  weigh(sums.reference, theirs, weight)
}

export function weigh(into: Weighed, value: number | null, weight: number): void {
  if (value === null) return
  into.sum += value * weight
  into.weight += weight
}

/** Units that are searched for the worst of them: how many, and the sum of their values and of the squares. */
export type Moments = { units: number; exchanges: number; sum: number; squares: number }

export const noMoments = (): Moments => ({ units: 0, exchanges: 0, sum: 0, squares: 0 })

/** Those of before, and of readings that make up whole units. */
export function withMoments(before: Moments, gate: Gate, readings: readonly Reading[]): Moments {
  const all = { ...before, exchanges: before.exchanges + readings.length }
  for (const { y } of unitsIn(readings, gate)) {
    all.units += 1
    all.sum += y
    all.squares += y * y
  }
  return all
}

/** The mean of `w · y` over the readings of each unit. */
function unitsIn(readings: readonly Reading[], { unit }: Gate): { y: number; yIfEqual: number }[] {
  const parts = new Map<string | number, { y: number; yIfEqual: number; members: number }>()
  for (const { pair, y, yIfEqual, amounts } of readings) {
    const key = unitOf(pair, unit)
    let part = parts.get(key)
    if (part === undefined) parts.set(key, (part = { y: 0, yIfEqual: 0, members: 0 }))
    part.y += (amounts?.y ?? y) * pair.weight
    part.yIfEqual += (amounts?.yIfEqual ?? yIfEqual) * pair.weight
    part.members += 1
  }
  return [...parts.values()].map(({ y, yIfEqual, members }) => ({ y: y / members, yIfEqual: yIfEqual / members }))
}

/** All of them together, as precisely; none of them is changed. */
export function addedUp(gate: Pick<Gate, 'natural'>, parts: readonly GateSums[], precision: Precision): GateSums {
  const all = noSums(gate, precision)
  for (const part of parts) mergeSums(all, part)
  return all
}

/** Adds `other` to `into`, which nobody else holds. */
export function mergeSums(into: GateSums, other: GateSums): void {
  if (into.calm !== null || other.calm !== null) {
    into.calm ??= { units: into.units, values: { ...into.values, counts: new Map(into.values.counts) } }
    const calm = other.calm ?? other
    into.calm.units += calm.units
    mergeValues(into.calm.values, calm.values)
  }
  mergeValues(into.values, other.values)
  into.alone.sum += other.alone.sum
  into.alone.squares += other.alone.squares
  into.units += other.units
  into.exchanges += other.exchanges
  into.marked += other.marked
  into.ifEqual += other.ifEqual
  into.heaviest = Math.max(into.heaviest, other.heaviest)
  into.lightest = Math.min(into.lightest, other.lightest)
  for (const arm of ['candidate', 'reference'] as const) {
    into[arm].sum += other[arm].sum
    into[arm].weight += other[arm].weight
    if (into.sketches !== null && other.sketches !== null) mergeSketches(into.sketches[arm], other.sketches[arm])
  }
}

export const meanOf = ({ sum, weight }: Weighed): number | null => (weight === 0 ? null : sum / weight)

/** On the scale people think in. A quantile that falls on a failure has no number. */
export function naturalOf({ natural }: Gate, sums: GateSums): GateResult['natural'] {
  const { sketches } = sums
  const of = (arm: 'candidate' | 'reference') =>
    sketches === null || natural.tau === null ? meanOf(sums[arm]) : finite(sketchedQuantile(sketches[arm], natural.tau))
  return { candidate: of('candidate'), reference: of('reference'), unit: natural.unit }
}

export const finite = (value: number | null): number | null => (value === Infinity ? null : value)
