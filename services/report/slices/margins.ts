import { type GatesConfig } from '../../../shared/config/schema.ts'

/** A slice has fewer units, so it is asked for less: twice the margin of the whole. */
const times = 2

/** Shares stay below 1, where a gate would have no bound left. */
const share = (value: number) => Math.min(times * value, 0.99)

export function sliceMargins(config: GatesConfig): GatesConfig {
  const latency = <Gate extends { relative: number; absoluteMs: number }>(gate: Gate): Gate => ({
    ...gate,
    relative: times * gate.relative,
    absoluteMs: times * gate.absoluteMs,
  })
  const { quality, divergence, errors, cost } = config
  return {
    ...config,
    quality: { ...quality, relative: share(quality.relative) },
    divergence: { ...divergence, relative: times * divergence.relative, absolute: share(divergence.absolute) },
    errors: { ...errors, absolute: share(errors.absolute), ceiling: share(errors.ceiling) },
    ttftP50: latency(config.ttftP50),
    ttftP95: latency(config.ttftP95),
    totalP95: latency(config.totalP95),
    cost: { ...cost, relative: times * cost.relative },
  }
}
