import { type GatesConfig } from '../../../shared/config/schema.ts'
import { type ArmFacts, type Threshold } from '../../../shared/contracts/report.ts'
import { binomialCdf } from '../../../shared/statistics/binomial.ts'
import { clopperPearson } from '../../../shared/statistics/proportion.ts'
import { displayAlpha } from './latency.ts'

/** The window that the alert on errors is for. */
export const windowRequests = 1_000
/** How often chance alone may raise that alert. */
const falseAlarm = 0.001
/** Prices and caches move a little; more than this wants a look. */
const dearer = 1.05

/**
 * What to watch while the candidate serves. `alert`: more than what was measured of it explains. `rollback`: where the
 * gate's margin against the served model ends. Where the measured noise is wider than the margin, both are the margin's end.
 */
export function thresholdsOf(
  candidate: ArmFacts,
  control: ArmFacts | null,
  failed: number,
  gates: GatesConfig,
): Threshold[] {
  const slowest = (ms: number | null, { relative, absoluteMs }: { relative: number; absoluteMs: number }) =>
    ms === null ? null : Math.max(ms * (1 + relative), ms + absoluteMs)
  return [
    threshold(
      'errorRate',
      candidate.errorRate,
      candidate.asked === 0 ? null : errorAlert(failed, candidate.asked),
      control?.errorRate == null ? gates.errors.ceiling : control.errorRate + gates.errors.absolute,
    ),
    threshold(
      'ttftP99Ms',
      p99(candidate.ttft).ms,
      p99(candidate.ttft).upperMs,
      slowest(p99(control?.ttft).ms, gates.ttftP95),
    ),
    threshold(
      'totalP99Ms',
      p99(candidate.total).ms,
      p99(candidate.total).upperMs,
      slowest(p99(control?.total).ms, gates.totalP95),
    ),
    threshold(
      'usdPerMillionTokens',
      candidate.usdPerMillionTokens,
      candidate.usdPerMillionTokens === null ? null : candidate.usdPerMillionTokens * dearer,
      control?.usdPerMillionTokens == null ? null : control.usdPerMillionTokens * (1 + gates.cost.relative),
    ),
  ]
}

function threshold(
  metric: Threshold['metric'],
  baseline: number | null,
  alert: number | null,
  rollback: number | null,
): Threshold {
  const early = alert !== null && rollback !== null ? Math.min(alert, rollback) : alert
  return { metric, baseline, alert: early, rollback }
}

/** The rate in a window above which less than one window in a thousand is, if the true rate is as high as it may be. */
function errorAlert(failed: number, asked: number): number {
  const { upper } = clopperPearson(failed, asked, displayAlpha)
  let most = Math.floor(upper * windowRequests)
  while (most < windowRequests && 1 - binomialCdf(most, windowRequests, upper) > falseAlarm) most += 1
  return most / windowRequests
}

const p99 = (quantiles: ArmFacts['ttft'] | undefined) =>
  quantiles?.find(({ tau }) => tau === 0.99) ?? { ms: null, upperMs: null }
