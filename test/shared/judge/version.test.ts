import { equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Config, type JudgeConfig } from '../../../shared/config/schema.ts'
import { judgeVersionOf } from '../../../shared/judge/version.ts'

function aConfig(judge: Partial<JudgeConfig> | false, baseUrl = 'http://acme/v1'): Config {
  return Config.parse({
    tap: { upstreams: { acme: { dialect: 'openai', baseUrl } } },
    providers: { acme: { dialect: 'openai', baseUrl } },
    control: { provider: 'acme' },
    candidates: [{ name: 'mini', provider: 'acme', model: 'small-1' }],
    compare: { judge: judge && { provider: 'acme', model: 'wise-1', ...judge } },
  })
}

const version = (...given: Parameters<typeof aConfig>) => judgeVersionOf(aConfig(...given))

test('what changes a verdict makes another instrument of the judge', () => {
  const plain = version({})
  for (const change of [
    { model: 'wise-2' },
    { rubric: 'Shorter is better.' },
    { rubrics: { default: 'Politeness counts.' } },
    { parameters: { reasoning_effort: 'high' } },
    { sample: 0.5 },
  ]) {
    notEqual(version(change), plain, JSON.stringify(change))
  }
  notEqual(version({}, 'http://elsewhere/v1'), plain)
})

test('what only says how often and how fast it is asked leaves the instrument as it is', () => {
  const plain = version({})
  equal(version({ budgetUsdPerDay: 1, timeoutMs: 5, limits: { concurrency: 1 } }), plain)
  equal(version({ rubrics: { a: 'x', b: 'y' } }), version({ rubrics: { b: 'y', a: 'x' } }))
})

test('no judge has no version', () => {
  equal(version(false), null)
})
