import { isControlled } from '../pairs.ts'
import { type Unit } from '../units.ts'
import { declaredPercent } from '../words.ts'
import { type Gate, noControl } from './gate.ts'

type ErrorsConfig = { absolute: number; ceiling: number; blocking: boolean; unit: Unit }

const errorRate: Gate['natural'] = {
  unit: 'share',
  tau: null,
  candidate: (pair) => Number(pair.candidate.error),
  reference: (pair) => (pair.control === null ? null : Number(pair.control.error)),
}

/** `Y = e_C − e_K + delta`: errors against the control's, asked at the same time. */
export function errorsGate(config: ErrorsConfig, hasControl: boolean): Gate {
  return {
    name: 'errors',
    blocking: config.blocking,
    unit: config.unit,
    margin: `errors at most ${declaredPercent(config.absolute)} of requests above the served model’s`,
    lowest: 1 - config.absolute,
    highest: 1 + config.absolute,
    refusal: () => (hasControl ? null : noControl),
    readingsOf: (pairs) =>
      pairs.filter(isControlled).map((pair) => ({
        pair,
        y: Number(pair.control.error) - Number(pair.candidate.error) + config.absolute,
        yIfEqual: config.absolute,
      })),
    notes: () => [],
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
    refusal: () => null,
    readingsOf: (pairs) =>
      pairs.map((pair) => ({
        pair,
        y: config.ceiling - Number(pair.candidate.error),
        // Without a control, the served answer stands in: only exchanges that were served well are compared.
        yIfEqual: config.ceiling - Number(pair.control?.error ?? false),
      })),
    notes: () => [],
    natural: errorRate,
  }
}
