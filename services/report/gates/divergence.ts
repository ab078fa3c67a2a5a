import { isControlled } from '../pairs.ts'
import { declaredPercent, percent } from '../words.ts'
import { type Gate, noControl } from './gate.ts'

/** Above this noise floor the score sees little: two answers of the same model already differ by half. */
const loudFloor = 0.5

/** `Y = (1 + rho) · D_C + a − D_K`: divergence from the served answer, over the served model's own. */
export function divergenceGate(
  config: { relative: number; absolute: number; blocking: boolean },
  hasControl: boolean,
): Gate {
  const { relative, absolute } = config
  return {
    name: 'divergence',
    blocking: config.blocking,
    unit: 'conversation',
    margin: `divergence at most ${declaredPercent(relative)} + ${declaredPercent(absolute)} above the served model’s own`,
    lowest: 1 - absolute,
    highest: 1 + relative + absolute,
    refusal: () => (hasControl ? null : noControl),
    readingsOf: (pairs) =>
      pairs
        .filter(isControlled)
        .filter((pair) => !pair.control.error)
        .map((pair) => {
          const allowed = (1 + relative) * pair.control.divergence + absolute
          return { pair, y: allowed - pair.candidate.divergence, yIfEqual: allowed - pair.control.divergence }
        }),
    notes: ({ reference: noise }) =>
      noise !== null && noise > loudFloor
        ? [`noise floor ${percent(noise)}: at such a distance the score cannot see much`]
        : [],
    natural: {
      unit: 'share',
      tau: null,
      candidate: (pair) => pair.candidate.divergence,
      reference: (pair) => pair.control?.divergence ?? null,
    },
  }
}
