import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { demoConfig } from '../../../../services/cli/demo/config.ts'
import { candidates, modelsAt, servedModels } from '../../../../services/cli/demo/models.ts'
import { demoExchanges } from '../../../../services/cli/demo/traffic.ts'
import { createRedactor } from '../../../../services/tap/redact.ts'
import { armsOf, providerOf } from '../../../../shared/config/arms.ts'
import { parseConfig } from '../../../../shared/config/load.ts'
import { openPriceBook } from '../../../../shared/pricing/open.ts'

const text = demoConfig({
  folder: '/tmp/demo',
  providerUrls: { openai: 'http://127.0.0.1:1001', anthropic: 'http://127.0.0.1:1002' },
  ports: { tap: 1003, report: 1004, store: 1005 },
})
const config = parseConfig(text, { file: '/tmp/demo/understudy.yaml', env: {} })

test('the demo’s config is usable, with four candidates at both providers', () => {
  deepEqual(
    config.candidates.map(({ name }) => name),
    Object.keys(candidates),
  )
  deepEqual(new Set(config.candidates.map(({ provider }) => provider)), new Set(['openai', 'anthropic']))
  deepEqual(config.log, { embedded: '/tmp/demo/log.db' })
  equal(config.gates.alpha, 0.05)
})

test('every candidate is at its provider, and the control finds each served model where it is served', () => {
  for (const { provider, model } of config.candidates) ok(model in modelsAt[provider as 'openai' | 'anthropic'])
  const [control] = armsOf(config)
  for (const [upstream, model] of Object.entries(servedModels)) {
    equal(providerOf(control!, upstream), upstream)
    ok(model in modelsAt[upstream as 'openai' | 'anthropic'])
  }
})

test('every model has a price, and the equivalent one costs less than half of the served', () => {
  const prices = openPriceBook(config.prices)
  const usage = {
    inputTokens: 300,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    cacheWriteLongInputTokens: 0,
    outputTokens: 60,
    reasoningTokens: 0,
  }
  const cost = (model: string) => prices.costUsd({ model, usage, at: new Date('2026-11-21'), serviceTier: null })
  const candidateModels = config.candidates.map(({ model }) => model)
  for (const model of [...candidateModels, ...Object.values(servedModels)]) ok((cost(model) ?? 0) > 0, model)
  ok(cost(candidateModels[0]!)! < cost(servedModels.openai)! / 2)
})

test('nothing in the demo’s traffic looks private, so its replays ask what was asked', () => {
  const redaction = createRedactor(config.tap.redact)()
  for (const { messages, system, truth } of demoExchanges({ count: 600, seed: 9 })) {
    for (const { content } of messages) equal(redaction.text(content), content)
    equal(redaction.text(system), system)
    ok(!redaction.finds(JSON.stringify(truth)))
  }
})
