import { type GatesConfig } from '../../../shared/config/schema.ts'
import { costGate } from './cost.ts'
import { divergenceGate } from './divergence.ts'
import { errorCeilingGate, errorsGate } from './errors.ts'
import { type Gate } from './gate.ts'
import { latencyGate, type LatencyMetric } from './latency.ts'
import { qualityGate } from './quality.ts'
import { replayGates } from './replay.ts'

const ttftP50: LatencyMetric = { name: 'ttftP50', words: 'median time to first token', tau: 0.5, latency: 'ttftMs' }
const ttftP95: LatencyMetric = { name: 'ttftP95', words: 'p95 time to first token', tau: 0.95, latency: 'ttftMs' }
const totalP95: LatencyMetric = { name: 'totalP95', words: 'p95 total time', tau: 0.95, latency: 'totalMs' }

/** Every gate of a verdict, in the order they are shown. */
export function gatesOf(config: GatesConfig, hasControl: boolean): Gate[] {
  return [
    qualityGate(config.quality, hasControl),
    divergenceGate(config.divergence, hasControl),
    errorsGate(config.errors, hasControl),
    errorCeilingGate(config.errors),
    latencyGate(ttftP50, config.ttftP50, hasControl),
    latencyGate(ttftP95, config.ttftP95, hasControl),
    latencyGate(totalP95, config.totalP95, hasControl),
    costGate(config.cost, hasControl),
    ...replayGates(config.quality.relative, hasControl),
  ]
}
