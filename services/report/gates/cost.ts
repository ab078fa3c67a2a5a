import { type ControlledPair, isControlled, weightedMean } from '../pairs.ts'
import { count, counted, declaredPercent, percent, usd } from '../words.ts'
import { afterBurnIn, type Bound, boundOf, type Gate, noControl, type Readings, unmeasurable } from './gate.ts'

/** So many priced pairs fix the scale before any pair counts. */
const burnInPairs = 100
/** Above this share of unpriced pairs the priced ones may not speak for the rest. */
const unpricedAllowed = 0.05

/**
 * `Y = ((1 + delta) · cost_C − cost_K) / scale`. The scale is twice the largest cost among the first 100 priced pairs,
 * which then do not count. A later cost above it widens it to twice that cost: nothing is clipped, because the rare dear
 * answers are what a mean is made of, and a wider scale only makes the stakes smaller. Costs have no bound of their own, so
 * a tail that nobody has seen yet cannot be excluded by any method.
 * Which pairs count depends on the control alone: an answer of the candidate without a price counts as its dearest one.
 */
export function costGate(config: { relative: number; blocking: boolean }, hasControl: boolean): Gate {
  return {
    name: 'cost',
    blocking: config.blocking,
    unit: 'conversation',
    margin: `cost at most ${declaredPercent(config.relative)} above the served model’s`,
    lowest: 1,
    highest: 1 + config.relative,
    read(pairs, fixed) {
      if (!hasControl) return unmeasurable(noControl)
      const controlled = pairs.filter(isControlled)
      const unpriced = controlled.filter((pair) => !isPriced(pair)).length
      if (unpriced > unpricedAllowed * controlled.length) {
        return unmeasurable(`${percent(unpriced / controlled.length)} of the pairs have no price`)
      }
      const measured = controlled.filter(({ control }) => control.costUsd !== null)
      const bound = fixed ?? fixedBy(measured)
      return typeof bound === 'number' ? waitingFor(bound) : readingsOf(measured, bound, config.relative)
    },
    natural: (pairs) => ({
      candidate: weightedMean(pairs, (pair) => pair.candidate.costUsd),
      reference: weightedMean(pairs, (pair) => pair.control?.costUsd ?? null),
      unit: 'USD',
    }),
  }
}

const isPriced = ({ candidate, control }: ControlledPair) => candidate.costUsd !== null && control.costUsd !== null

/** The largest cost in the first pairs, until enough of them are priced; how many are missing, where they are too few. */
function fixedBy(pairs: readonly ControlledPair[]): Bound | number {
  let priced = 0
  const last = pairs.findIndex((pair) => isPriced(pair) && ++priced === burnInPairs)
  if (last === -1) return burnInPairs - priced
  const used = pairs.slice(0, last + 1)
  return boundOf(largestCost(used), used)
}

function waitingFor(burnInLeft: number): Readings {
  const note = `${count(burnInPairs - burnInLeft)} of the ${burnInPairs} priced pairs that fix the scale: none counts before`
  return { readings: [], unmeasurable: null, burnInLeft, notes: [note] }
}

function readingsOf(measured: readonly ControlledPair[], bound: Bound, relative: number): Readings {
  const fixed = 2 * bound.value
  const largest = largestCost(measured)
  if (largest === 0) return unmeasurable('no pair costs anything')
  const scale = largest > fixed ? 2 * largest : fixed
  const counting = afterBurnIn(measured, bound, 'conversation')
  const dearest = measured.reduce((most, { candidate }) => Math.max(most, candidate.costUsd ?? 0), 0)
  const charged = counting.filter(({ candidate }) => candidate.costUsd === null).length
  return {
    readings: counting.map((pair) => {
      const allowed = (1 + relative) * pair.control.costUsd!
      return {
        pair,
        y: (allowed - (pair.candidate.costUsd ?? dearest)) / scale,
        yIfEqual: (relative * pair.control.costUsd!) / scale,
      }
    }),
    bound,
    unmeasurable: null,
    notes: [
      `scale ${usd(scale)}: twice the largest cost of the first ${burnInPairs} priced pairs, which do not count`,
      ...(scale > fixed ? [`widened from ${usd(fixed)}, because a later answer cost ${usd(largest)}`] : []),
      ...(charged > 0
        ? [`${counted(charged, 'answer')} of the candidate without a price, counted as its dearest: ${usd(dearest)}`]
        : []),
    ],
  }
}

/** Over both arms. */
function largestCost(pairs: readonly ControlledPair[]): number {
  return pairs.reduce((most, { candidate, control }) => Math.max(most, candidate.costUsd ?? 0, control.costUsd ?? 0), 0)
}
