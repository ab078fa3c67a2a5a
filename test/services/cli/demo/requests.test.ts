import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../../../../services/cli/demo/kinds.ts'
import { candidates } from '../../../../services/cli/demo/models.ts'
import { chatRequestOf, messagesRequestOf } from '../../../../services/cli/demo/requests.ts'
import { demoExchanges } from '../../../../services/cli/demo/traffic.ts'
import { translate } from '../../../../shared/dialects/translate.ts'

const dialectOf = { openai: 'openai-chat', anthropic: 'anthropic-messages' } as const

test('every request can be put to every candidate, and nothing that matters is lost on the way', () => {
  const crossed = new Set<string>()
  for (const exchange of demoExchanges({ count: 120, seed: 6 })) {
    const { family } = kinds[exchange.kind]
    const body = JSON.stringify(family === 'openai' ? chatRequestOf(exchange) : messagesRequestOf(exchange))
    const headers: Record<string, string> = family === 'anthropic' ? { 'anthropic-version': '2026-10-21' } : {}
    for (const { provider, model } of Object.values(candidates)) {
      const target = { dialect: dialectOf[provider], model, system: null, parameters: {} }
      const translation = translate(dialectOf[family], { body, headers }, target)
      ok(translation.ok, `${exchange.id} to ${model}`)
      const material = translation.losses.filter(({ severity }) => severity === 'material')
      deepEqual(material, [], `${exchange.id} to ${model}`)
      if (provider !== family) crossed.add(`${family} to ${provider}`)
    }
  }
  deepEqual([...crossed].toSorted(), ['anthropic to openai', 'openai to anthropic'])
})
