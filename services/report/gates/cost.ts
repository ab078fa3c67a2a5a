import { type ControlledPair, isControlled, type Pair } from '../pairs.ts'
import { count, counted, declaredPercent, percent, usd } from '../words.ts'
import { afterBurnIn, type Bound, boundOf, type BurnIn, type Costs, type Gate, noControl, type Told } from './gate.ts'

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
    refusal: (costs) => refusal(costs, hasControl),
    burnIn: {
      gather,
      left: ({ seen }) => burnInPairs - seen,
      note: ({ seen }) => `${count(seen)} of the ${burnInPairs} priced pairs that fix the scale: none counts before`,
    },
    readingsOf(pairs, bound, costs) {
      const scale = scaleOf(bound!, costs)
      return afterBurnIn(measuredOf(pairs), bound!, 'conversation').map((pair) => {
        const allowed = (1 + config.relative) * pair.control.costUsd!
        const amounts = {
          y: allowed - (pair.candidate.costUsd ?? costs.dearest),
          yIfEqual: config.relative * pair.control.costUsd!,
        }
        const isMarked = pair.candidate.costUsd === null
        return { pair, y: amounts.y / scale, yIfEqual: amounts.yIfEqual / scale, amounts, isMarked }
      })
    },
    scale: scaleOf,
    notes: notesOn,
    natural: {
      unit: 'USD',
      tau: null,
      candidate: (pair) => pair.candidate.costUsd,
      reference: (pair) => pair.control?.costUsd ?? null,
    },
  }
}

function refusal({ controlled, unpriced, largest }: Costs, hasControl: boolean): string | null {
  if (!hasControl) return noControl
  if (unpriced > unpricedAllowed * controlled) return `${percent(unpriced / controlled)} of the pairs have no price`
  // As many pairs as fix the scale, and none costs anything.
  return largest === 0 && controlled - unpriced >= burnInPairs ? 'no pair costs anything' : null
}

/** The control's price says which pairs count. */
const measuredOf = (pairs: readonly Pair[]): ControlledPair[] =>
  pairs.filter(isControlled).filter(({ control }) => control.costUsd !== null)

/** The largest cost in the first pairs, until enough of them are priced. */
function gather(soFar: BurnIn, pairs: readonly Pair[]): BurnIn {
  if (soFar.bound !== null) return soFar
  let { seen } = soFar
  let [largest = 0] = soFar.values
  for (const pair of measuredOf(pairs)) {
    const { candidate, control } = pair
    largest = Math.max(largest, candidate.costUsd ?? 0, control.costUsd ?? 0)
    if (candidate.costUsd !== null) seen += 1
    if (seen === burnInPairs) return { seen, values: [largest], bound: boundOf(largest, pair) }
  }
  return { seen, values: [largest], bound: null }
}

function scaleOf({ value }: Bound, { largest }: Costs): number {
  const fixed = 2 * value
  // Of two free models: nothing is divided by it that is not 0.
  return largest > fixed ? 2 * largest : fixed || 1
}

function notesOn({ bound, costs, marked }: Told): string[] {
  const [fixed, scale] = [2 * bound!.value, scaleOf(bound!, costs)]
  return [
    `scale ${usd(scale)}: twice the largest cost of the first ${burnInPairs} priced pairs, which do not count`,
    ...(scale > fixed ? [`widened from ${usd(fixed)}, because a later answer cost ${usd(costs.largest)}`] : []),
    ...(marked > 0
      ? [`${counted(marked, 'answer')} of the candidate without a price, counted as its dearest: ${usd(costs.dearest)}`]
      : []),
  ]
}
