import { isControlled, type Pair, weightedMean } from '../pairs.ts'
import { type Unit } from '../units.ts'
import { declaredPercent } from '../words.ts'
import { type Gate, noControl, unmeasurable } from './gate.ts'

type ErrorsConfig = { absolute: number; ceiling: number; blocking: boolean; unit: Unit }

const errorRate = (pairs: readonly Pair[]) => ({
  candidate: weightedMean(pairs, (pair) => Number(pair.candidate.error)),
  reference: weightedMean(pairs, (pair) => (pair.control === null ? null : Number(pair.control.error))),
  unit: 'share',
})

/** `Y = e_C − e_K + delta`: errors against the control's, asked at the same time. */
export function errorsGate(config: ErrorsConfig, hasControl: boolean): Gate {
  return {
    name: 'errors',
    blocking: config.blocking,
    unit: config.unit,
    margin: `errors at most ${declaredPercent(config.absolute)} of requests above the served model’s`,
    lowest: 1 - config.absolute,
    highest: 1 + config.absolute,
    read(pairs) {
      if (!hasControl) return unmeasurable(noControl)
      const readings = pairs.filter(isControlled).map((pair) => ({
        pair,
        y: Number(pair.control.error) - Number(pair.candidate.error) + config.absolute,
        yIfEqual: config.absolute,
      }))
      return { readings, unmeasurable: null, notes: [] }
    },
    natural: errorRate,
  }
}

/** `Y = theta − e_K`: the candidate's errors against a ceiling, whatever the served model does. */
export function errorCeilingGate(config: ErrorsConfig): Gate {
  return {
    name: 'errorCeiling',
    blocking: config.blocking,
    unit: config.unit,
    margin: `errors at most ${declaredPercent(config.ceiling)} of requests`,
    lowest: 1 - config.ceiling,
    highest: config.ceiling,
    read(pairs) {
      const readings = pairs.map((pair) => ({
        pair,
        y: config.ceiling - Number(pair.candidate.error),
        // Without a control, the served answer stands in: only exchanges that were served well are compared.
        yIfEqual: config.ceiling - Number(pair.control?.error ?? false),
      }))
      return { readings, unmeasurable: null, notes: [] }
    },
    natural: errorRate,
  }
}
