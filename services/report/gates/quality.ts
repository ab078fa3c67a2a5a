import { type Pair, weightedMean } from '../pairs.ts'
import { declaredPercent } from '../words.ts'
import { type Gate } from './gate.ts'

/**
 * `Y = q_K − (1 − r) · q_ref`. Quality here is agreement with the served answer, which agrees with itself by definition,
 * so the reference is the control alone; without a control it is 1, the served answer itself.
 */
export function qualityGate(config: { relative: number; blocking: boolean }, hasControl: boolean): Gate {
  const share = 1 - config.relative
  const reference = (pair: Pair) => (hasControl ? (pair.control?.quality ?? null) : 1)
  const note = hasControl
    ? 'the reference is the control: the served model asked again, held against the same served answer'
    : 'no control: the reference is the served answer itself, so the candidate is charged with the served model’s own noise'
  return {
    name: 'quality',
    blocking: config.blocking,
    margin: `quality at least ${declaredPercent(share)} of the served model’s`,
    lowest: share,
    highest: 1,
    read(pairs) {
      const usable = pairs.filter((pair) => (hasControl ? pair.control?.error === false : true))
      const readings = usable.map((pair) => {
        const expected = reference(pair) ?? 1
        return { pair, y: pair.candidate.quality - share * expected, yIfEqual: config.relative * expected }
      })
      return { readings, unmeasurable: null, notes: [note] }
    },
    natural: (pairs) => ({
      candidate: weightedMean(pairs, (pair) => pair.candidate.quality),
      reference: weightedMean(pairs, reference),
      unit: 'share',
    }),
  }
}
