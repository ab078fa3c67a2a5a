import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { armsOf, providerOf } from '../../../shared/config/arms.ts'
import { parseConfig } from '../../../shared/config/load.ts'

function armsWith(candidate: string, control = '{ provider: openai }') {
  const text = `
tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://localhost:1' } } }
providers: { openai: { dialect: openai, baseUrl: 'http://localhost:1/v1' } }
control: ${control}
candidates: [{ name: mini, provider: openai, model: gpt-5-mini${candidate} }]
`
  return armsOf(parseConfig(text, { file: 'understudy.yaml', env: {} }))
}

const fingerprintWith = (candidate: string) => armsWith(candidate).at(-1)?.fingerprint

test('the control comes first and asks the model that was served', () => {
  const arms = armsWith('')
  deepEqual(
    arms.map(({ name, model }) => [name, model]),
    [
      ['control', null],
      ['mini', 'gpt-5-mini'],
    ],
  )
  deepEqual(
    armsWith('', 'false').map((arm) => arm.name),
    ['mini'],
  )
})

test('what may change an answer makes another arm of it; limits, budget and the order of keys do not', () => {
  const plain = fingerprintWith('')
  for (const change of [', system: Be brief.', ', parameters: { temperature: 0 }', ', timeoutMs: 5']) {
    notEqual(fingerprintWith(change), plain, change)
  }
  for (const change of [', budgetUsdPerDay: 1', ', limits: { concurrency: 1 }', ', routes: [default]']) {
    equal(fingerprintWith(change), plain, change)
  }
  equal(fingerprintWith(', parameters: { a: 1, b: 2 }'), fingerprintWith(', parameters: { b: 2, a: 1 }'))
})

test('a version and betas that are asked for make another arm, and one of the dialect openai has none', () => {
  const text = (candidate: string, dialect: string) => `
tap: { upstreams: { a: { dialect: anthropic, baseUrl: 'http://localhost:1' } } }
providers: { a: { dialect: ${dialect}, baseUrl: 'http://localhost:1' } }
control: false
candidates: [{ name: haiku, provider: a, model: claude-haiku-4-5${candidate} }]
`
  const armWith = (candidate: string, dialect = 'anthropic') =>
    armsOf(parseConfig(text(candidate, dialect), { file: 'understudy.yaml', env: {} }))[0]!
  const settings = [', apiVersion: 2024-10-22', ', betas: [context-1m-2025-08-07]', ', betas: []', '']
  equal(new Set(settings.map((each) => armWith(each).fingerprint)).size, 4)
  throws(() => armWith(settings[0]!, 'openai'), /apiVersion is a header of the dialect anthropic, and a speaks openai/)
  throws(() => armWith(', apiVersion: newest'), /expected a version such as 2023-06-01/)
})

test('the control of an upstream of another dialect is asked at the provider of its own name', () => {
  const text = `
tap:
  upstreams:
    openai: { dialect: openai, baseUrl: 'http://localhost:1' }
    anthropic: { dialect: anthropic, baseUrl: 'http://localhost:2' }
    bedrock: { dialect: anthropic, baseUrl: 'http://localhost:3' }
providers:
  openai: { dialect: openai, baseUrl: 'http://localhost:1/v1' }
  anthropic: { dialect: anthropic, baseUrl: 'http://localhost:2' }
control: { provider: openai }
candidates: [{ name: mini, provider: openai, model: gpt-5-mini }]
`
  const [control, mini] = armsOf(parseConfig(text, { file: 'understudy.yaml', env: {} }))
  deepEqual(
    ['openai', 'anthropic', 'bedrock'].map((upstream) => providerOf(control!, upstream)),
    ['openai', 'anthropic', 'openai'],
  )
  equal(providerOf(mini!, 'anthropic'), 'openai')
})
