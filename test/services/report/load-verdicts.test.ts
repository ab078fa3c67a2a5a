import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type BreakdownSums } from '../../../services/report/breakdown.ts'
import { loadVerdicts } from '../../../services/report/load-verdicts.ts'
import { type ReportSource } from '../../../services/report/source.ts'
import { Config } from '../../../shared/config/schema.ts'
import { balancedLedger } from '../../support/pair-rows.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [{ name: 'small', provider: 'openai', model: 'small-1' }],
})

const sums = (hasControl: boolean, arms: ('candidate' | 'control')[]): BreakdownSums => ({
  hasControl,
  findings: arms.map((arm) => ({ arm, finding: 'unsure', rung: 'text', weight: 1, exchanges: 1 })),
  kinds: [],
  places: [],
  measures: [],
  labels: [],
  grounding: [],
})

async function breakdownWhere(isPaired: boolean) {
  const source: ReportSource = {
    pairs: async () => [],
    settled: async () => null,
    pairsSince: async () => [],
    closed: async () => new Set(),
    confirm: async () => true,
    worst: async () => [],
    ledger: async () => balancedLedger,
    ready: async () => {},
    campaigns: async () => [],
    bounds: async () => new Map(),
    review: async () => null,
    facts: () => Promise.reject(new Error('a verdict is made without them')),
    scoring: async () => ({
      versions: [],
      waived: { comparisons: 0, equivalent: 0, waivers: [] },
      own: [],
      imported: [],
    }),
    breakdown: async ({ controlFingerprint }) => {
      if (controlFingerprint === null) return sums(false, ['candidate'])
      return sums(true, isPaired ? ['candidate', 'control'] : [])
    },
  }
  const [verdict] = await loadVerdicts(source, config, { asOf: 'end' })
  return verdict!.breakdown!
}

test('a breakdown has the control beside the candidate where both were compared', async () => {
  equal((await breakdownWhere(true)).findings.control!.unsure, 1)
})

test('where the control never answered, what is unsure of the candidate is told all the same', async () => {
  const { candidate, control } = (await breakdownWhere(false)).findings

  equal(candidate.unsure, 1)
  equal(control, null)
})
