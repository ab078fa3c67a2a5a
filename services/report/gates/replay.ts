import { isControlled } from '../pairs.ts'
import { declaredPercent } from '../words.ts'
import { type Gate, noControl } from './gate.ts'

/**
 * Is the replay faithful? The served model, asked again, must give answers as sound as it gave live:
 * `Y = delta ± (soundness_C − soundness_S)`. Both directions, so that neither a broken nor a flattered replay passes. A
 * control that fails stays in: a replay whose control fails is not faithful.
 */
export function replayGates(margin: number, hasControl: boolean): Gate[] {
  return [replayGate('replayLow', margin, hasControl), replayGate('replayHigh', margin, hasControl)]
}

function replayGate(name: 'replayLow' | 'replayHigh', margin: number, hasControl: boolean): Gate {
  const sign = name === 'replayLow' ? 1 : -1
  const direction = name === 'replayLow' ? 'less' : 'more'
  return {
    name,
    blocking: true,
    unit: 'conversation',
    margin: `the answers of the served model asked again are at most ${declaredPercent(margin)} ${direction} sound than live`,
    lowest: 1 - margin,
    highest: 1 + margin,
    refusal: () => (hasControl ? null : noControl),
    readingsOf: (pairs) =>
      pairs.filter(isControlled).map((pair) => ({
        pair,
        y: margin + sign * (pair.control.soundness - pair.row.servedSoundness),
        yIfEqual: margin,
      })),
    notes: () => [],
    natural: {
      unit: 'share',
      tau: null,
      candidate: (pair) => pair.control?.soundness ?? null,
      reference: (pair) => pair.row.servedSoundness,
    },
  }
}
