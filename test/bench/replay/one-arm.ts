import { aConfig } from '../../services/replay/builders.ts'

/** One arm with a budget and rates that are never reached, so that everything is counted. */
export function oneArm(url: string, concurrency: number) {
  const limits = { concurrency, requestsPerMinute: 100_000_000, tokensPerMinute: 1_000_000_000 }
  const candidates = [
    { name: 'mini', provider: 'openai', model: 'gpt-4o-mini', timeoutMs: 120_000, limits, budgetUsdPerDay: 1e9 },
  ]
  return aConfig({ openai: url }, { control: false, candidates })
}
