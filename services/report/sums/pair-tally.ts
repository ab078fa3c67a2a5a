import { type GateName, type Verdict } from '../../../shared/contracts/verdict.ts'
import {
  addToSketch,
  emptySketch,
  type QuantileSketch,
  sketchedQuantile,
} from '../../../shared/statistics/quantile-sketch.ts'
import { addCosts, type BurnIn, type Bound, type Costs, type Gate, noBurnIn, noCosts } from '../gates/gate.ts'
import { noWatches, type Watches, watchPairs } from '../incidents.ts'
import { isControlled, type Measures, type Pair } from '../pairs.ts'
import { finite, fine, meanOf, type Weighed, weigh } from './gate-sums.ts'

const hourMs = 3_600_000
const hoursPerDay = 24
const dayMs = 86_400_000

/** Of one hour: asked and failed of the candidate, and of the control. */
export type HourCounts = { asked: number; failed: number; controlAsked: number; controlFailed: number }

type MeanName = Exclude<keyof Verdict['means'], `${string}P50Ms`> | 'agreement'
type MedianName = Extract<keyof Verdict['means'], `${string}P50Ms`>

/** What is known of all comparable pairs, counted in units or not. They are added in the order of their capture. */
export type PairTally = {
  pairs: number
  /** Without an answer of the control. */
  alone: number
  /** Of those, with one of other settings. */
  otherControl: number
  lossy: number
  /** Of inclusion probabilities, and of their inverses, the weights. */
  sampled: { lowest: number; highest: number; weights: number; squares: number }
  /** Answers of the candidate without a price. */
  unpriced: number
  servedModels: Map<string, number>
  /** Of the first pair. */
  armModel: string | null
  /** Of two arms that were asked, a measure somewhere. */
  differ: boolean
  /** Quality is on one absolute scale, also of the served answer. */
  isAbsolute: boolean
  firstMs: number | null
  lastMs: number | null
  /** By hours since 1970. */
  hours: Map<number, HourCounts>
  means: Record<MeanName, Weighed>
  medians: Record<MedianName, QuantileSketch>
  costs: Costs
  burnIns: Map<GateName, BurnIn>
  /** Null: incidents are none of this verdict's business. */
  watches: Watches | null
}

export function noPairs(watchesIncidents: boolean, bounds: ReadonlyMap<GateName, Bound> = new Map()): PairTally {
  const none = () => ({ sum: 0, weight: 0 })
  return {
    pairs: 0,
    alone: 0,
    otherControl: 0,
    lossy: 0,
    sampled: { lowest: 1, highest: 0, weights: 0, squares: 0 },
    unpriced: 0,
    servedModels: new Map(),
    armModel: null,
    differ: false,
    isAbsolute: false,
    firstMs: null,
    lastMs: null,
    hours: new Map(),
    means: {
      quality: none(),
      controlQuality: none(),
      divergence: none(),
      controlDivergence: none(),
      errorRate: none(),
      controlErrorRate: none(),
      costUsd: none(),
      controlCostUsd: none(),
      agreement: none(),
    },
    medians: {
      ttftP50Ms: emptySketch(fine.width),
      controlTtftP50Ms: emptySketch(fine.width),
      totalP50Ms: emptySketch(fine.width),
      controlTotalP50Ms: emptySketch(fine.width),
    },
    costs: noCosts(),
    burnIns: new Map([...bounds].map(([gate, bound]) => [gate, { ...noBurnIn(), bound }])),
    watches: watchesIncidents ? noWatches() : null,
  }
}

/** Adds pairs that were captured after all that were added before. */
export function addPairs(tally: PairTally, pairs: readonly Pair[], gates: readonly Gate[]): void {
  addCosts(tally.costs, pairs)
  for (const { name, burnIn } of gates) {
    if (burnIn) tally.burnIns.set(name, burnIn.gather(tally.burnIns.get(name) ?? noBurnIn(), pairs))
  }
  if (tally.watches !== null) watchPairs(tally.watches, pairs)
  for (const pair of pairs) addPair(tally, pair)
}

function addPair(tally: PairTally, pair: Pair): void {
  const { row, candidate, control, weight, servedQuality } = pair
  const { means, medians } = tally
  tally.pairs += 1
  tally.firstMs ??= row.capturedAtMs
  tally.lastMs = row.capturedAtMs
  tally.armModel ??= row.armModel
  tally.isAbsolute ||= servedQuality !== null
  tally.lossy += Number(row.losses.length > 0)
  const { sampled } = tally
  sampled.lowest = Math.min(sampled.lowest, row.sampleProbability)
  sampled.highest = Math.max(sampled.highest, row.sampleProbability)
  sampled.weights += weight
  sampled.squares += weight * weight
  tally.unpriced += Number(candidate.costUsd === null && !candidate.error)
  const served = row.servedModel ?? ''
  tally.servedModels.set(served, (tally.servedModels.get(served) ?? 0) + 1)
  const hour = hourOf(tally, row.capturedAtMs)
  hour.asked += 1
  hour.failed += Number(candidate.error)
  weigh(means.quality, candidate.quality, weight)
  weigh(means.divergence, candidate.divergence, weight)
  weigh(means.errorRate, Number(candidate.error), weight)
  weigh(means.costUsd, candidate.costUsd, weight)
  addToSketch(medians.ttftP50Ms, candidate.ttftMs ?? Infinity)
  addToSketch(medians.totalP50Ms, candidate.totalMs ?? Infinity)
  if (!isControlled(pair)) {
    tally.alone += 1
    tally.otherControl += Number(row.controlFingerprint !== null)
    return
  }
  hour.controlAsked += 1
  hour.controlFailed += Number(pair.control.error)
  weigh(means.controlQuality, pair.control.quality, weight)
  weigh(means.controlDivergence, pair.control.divergence, weight)
  weigh(means.controlErrorRate, Number(pair.control.error), weight)
  weigh(means.controlCostUsd, pair.control.costUsd, weight)
  weigh(means.agreement, pair.control.error ? null : pair.control.quality, weight)
  addToSketch(medians.controlTtftP50Ms, pair.control.ttftMs ?? Infinity)
  addToSketch(medians.controlTotalP50Ms, pair.control.totalMs ?? Infinity)
  tally.differ ||= !areEqual(candidate, control!)
}

function hourOf({ hours }: PairTally, atMs: number): HourCounts {
  const at = Math.floor(atMs / hourMs)
  let hour = hours.get(at)
  if (hour === undefined) hours.set(at, (hour = { asked: 0, failed: 0, controlAsked: 0, controlFailed: 0 }))
  return hour
}

const areEqual = (a: Measures, b: Measures) =>
  (Object.keys(a) as (keyof Measures)[]).every((measure) => a[measure] === b[measure])

/** From the first capture to the last, and no more than the days (UTC) that saw any: one early exchange is no week. */
export function daysOf({ firstMs, lastMs, hours }: PairTally): number {
  if (firstMs === null || lastMs === null) return 0
  const dates = new Set(hours.keys().map((hour) => Math.floor(hour / hoursPerDay)))
  return Math.min((lastMs - firstMs) / dayMs, dates.size)
}

/** What the tap took of the traffic. Null: nothing was compared. Effective size by Kish, Survey Sampling (1965). */
export function tapRateOf({ pairs, sampled }: PairTally): NonNullable<Verdict['tapRate']> | null {
  const { lowest, highest, weights, squares } = sampled
  return pairs === 0 ? null : { lowest, highest, effectiveShare: weights ** 2 / squares / pairs }
}

/** Two models that were really asked differ somewhere, in a latency if in nothing else. Also true where no pair has both. */
export const armsDiffer = ({ pairs, alone, differ }: PairTally): boolean => differ || pairs === alone

export const servedModelsIn = ({ servedModels }: PairTally): string[] =>
  [...servedModels.keys()].filter((model) => model !== '').toSorted()

/** Both arms on the natural scales, over every comparable pair; the control's over the pairs that have one. */
export function meansOf({ means, medians }: PairTally): Verdict['means'] {
  const { agreement: _, ...shown } = means
  const each = Object.entries(shown).map(([name, sums]) => [name, meanOf(sums)])
  const middle = Object.entries(medians).map(([name, sketch]) => [name, finite(sketchedQuantile(sketch, 0.5))])
  return { ...Object.fromEntries(each), ...Object.fromEntries(middle) }
}
