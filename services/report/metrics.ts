import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Verdict } from '../../shared/contracts/verdict.ts'

export type ReportMetrics = {
  observeRequest(route: string, status: number, seconds: number): void
  /** The whole exposition, with the verdicts as they are now. */
  expose(verdicts: readonly Verdict[]): Promise<string>
  contentType: string
}

const verdictValues: Record<Verdict['verdict'], number> = { go: 1, inconclusive: 0, no_go: -1 }

export function createMetrics(): ReportMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `understudy_${name}`, help, labelNames, registers: [registry] })
  const requests = new Histogram({
    name: 'understudy_report_request_seconds',
    help: 'Time to answer a request of the report',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  const verdict = gauge('verdict', '1 go, 0 inconclusive, -1 no_go', ['candidate'])
  const units = gauge('units', 'Conversations of the candidate', ['candidate', 'state'])
  const mean = gauge('gate_mean', 'Distance to the margin, inside above 0', ['candidate', 'gate'])
  const lower = gauge('gate_lower', 'Lower end of the interval of the distance to the margin', ['candidate', 'gate'])
  const upper = gauge('gate_upper', 'Upper end of the interval of the distance to the margin', ['candidate', 'gate'])
  const pairs = gauge(
    'pairs_share',
    'Share of pairs that come to this; unsure: only a judge or a person can settle it',
    ['candidate', 'arm', 'finding'],
  )
  const missing = gauge('ledger_missing', 'Exchanges that are unaccounted for', [])

  function set(verdicts: readonly Verdict[]): void {
    for (const metric of [verdict, units, mean, lower, upper, pairs]) metric.reset()
    for (const { candidate, verdict: outcome, units: seen, gates, ledger, breakdown } of verdicts) {
      for (const [arm, shares] of Object.entries(breakdown?.findings ?? {}))
        for (const [finding, share] of Object.entries(shares ?? {})) pairs.set({ candidate, arm, finding }, share)
      verdict.set({ candidate }, verdictValues[outcome])
      units.set({ candidate, state: 'closed' }, seen.closed)
      units.set({ candidate, state: 'open' }, seen.open)
      missing.set(ledger.missing)
      for (const result of gates) {
        const labels = { candidate, gate: result.gate }
        // A gate without data has no sample: 0 would read as "at the margin".
        if (result.mean !== null) mean.set(labels, result.mean)
        if (result.lower !== null) lower.set(labels, result.lower)
        if (result.upper !== null) upper.set(labels, result.upper)
      }
    }
  }

  return {
    observeRequest: (route, status, seconds) => requests.observe({ route, status }, seconds),
    async expose(verdicts) {
      set(verdicts)
      return await registry.metrics()
    },
    contentType: registry.contentType,
  }
}
