import { type Pair } from '../pairs.ts'
import { declaredPercent } from '../words.ts'
import { type Gate } from './gate.ts'

/**
 * `Y = q_K − (1 − r) · q_ref`. Where quality is agreement with the served answer, which agrees with itself by definition,
 * the reference is the control alone; without a control it is 1, the served answer itself. On an absolute scale the served
 * answer and the control are two draws of the same model: the reference is their mean, or whichever there is.
 */
export function qualityGate(config: { relative: number; blocking: boolean }, hasControl: boolean): Gate {
  const share = 1 - config.relative
  const reference = ({ servedQuality, control }: Pair) => {
    if (!hasControl) return servedQuality ?? 1
    if (control === null || servedQuality === null) return control?.quality ?? null
    return (servedQuality + control.quality) / 2
  }
  return {
    name: 'quality',
    blocking: config.blocking,
    unit: 'conversation',
    margin: `quality at least ${declaredPercent(share)} of the served model’s`,
    lowest: share,
    highest: 1,
    refusal: () => null,
    readingsOf: (pairs) =>
      pairs
        .filter((pair) => (hasControl ? pair.control?.error === false : true))
        .map((pair) => {
          const expected = reference(pair) ?? 1
          return { pair, y: pair.candidate.quality - share * expected, yIfEqual: config.relative * expected }
        }),
    notes: ({ isAbsolute }) => [noteOn(isAbsolute, hasControl)],
    natural: { unit: 'share', tau: null, candidate: (pair) => pair.candidate.quality, reference },
  }
}

function noteOn(isAbsolute: boolean, hasControl: boolean): string {
  if (isAbsolute && hasControl) return 'the reference is the mean of the served answer and the control'
  return hasControl
    ? 'the reference is the control: the served model asked again, held against the same served answer'
    : 'no control: the reference is the served answer itself, so the candidate is charged with the served model’s own noise'
}
