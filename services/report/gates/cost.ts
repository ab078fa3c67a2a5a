import { type ControlledPair, isControlled, weightedMean } from '../pairs.ts'
import { count, counted, declaredPercent, percent, usd } from '../words.ts'
import { afterBurnIn, type Gate, noControl, unmeasurable } from './gate.ts'

/** So many priced pairs fix the scale before any pair counts. */
const burnInPairs = 100
/** Above this share of unpriced pairs the priced ones may not speak for the rest. */
const unpricedAllowed = 0.05

/**
 * `Y = ((1 + delta) · cost_C − cost_K) / cost_max`. `cost_max` is twice the largest cost among the first 100 priced
 * pairs; costs above it count as `cost_max` (part of the declared score, and counted).
 */
export function costGate(config: { relative: number; blocking: boolean }, hasControl: boolean): Gate {
  return {
    name: 'cost',
    blocking: config.blocking,
    margin: `cost at most ${declaredPercent(config.relative)} above the served model’s`,
    lowest: 1,
    highest: 1 + config.relative,
    read(pairs) {
      if (!hasControl) return unmeasurable(noControl)
      const controlled = pairs.filter(isControlled)
      const priced = controlled.filter((pair) => largestCost(pair) !== null)
      const unpriced = controlled.length - priced.length
      const notes = unpriced > 0 ? [`${counted(unpriced, 'pair')} unpriced: no evidence`] : []
      if (unpriced > unpricedAllowed * controlled.length) {
        return unmeasurable(`${percent(unpriced / controlled.length)} of the pairs have no price`, notes)
      }
      const used = priced.slice(0, burnInPairs)
      if (used.length < burnInPairs) {
        return {
          readings: [],
          unmeasurable: null,
          burnInLeft: burnInPairs - used.length,
          notes: [
            ...notes,
            `${count(used.length)} of the ${burnInPairs} priced pairs that fix the scale: none counts before`,
          ],
        }
      }
      const costMax = 2 * Math.max(...used.map((pair) => largestCost(pair)!))
      if (costMax === 0) return unmeasurable('no pair costs anything', notes)
      const counting = afterBurnIn(priced, used)
      const clipped = counting.filter((pair) => largestCost(pair)! > costMax).length
      return {
        readings: counting.map((pair) => {
          const candidate = Math.min(pair.candidate.costUsd!, costMax)
          const control = Math.min(pair.control.costUsd!, costMax)
          return {
            pair,
            y: ((1 + config.relative) * control - candidate) / costMax,
            yIfEqual: (config.relative * control) / costMax,
          }
        }),
        unmeasurable: null,
        notes: [
          ...notes,
          `scale ${usd(costMax)}: twice the largest cost of the first ${burnInPairs} priced pairs, which do not count`,
          ...(clipped > 0 ? [`${counted(clipped, 'pair')} above the scale, counted as ${usd(costMax)}`] : []),
        ],
      }
    },
    natural: (pairs) => ({
      candidate: weightedMean(pairs, (pair) => pair.candidate.costUsd),
      reference: weightedMean(pairs, (pair) => pair.control?.costUsd ?? null),
      unit: 'USD',
    }),
  }
}

/** The larger cost of the two arms; null where either is unpriced. */
function largestCost({ candidate, control }: ControlledPair): number | null {
  if (candidate.costUsd === null || control.costUsd === null) return null
  return Math.max(candidate.costUsd, control.costUsd)
}
