import { equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { familyOf } from '../../../shared/dialects/model-family.ts'

const families: [string, string[]][] = [
  ['gpt', ['gpt-4o', 'o3-mini', 'openai/gpt-5-mini', 'chatgpt-4o-latest']],
  ['claude', ['claude-opus-5-5', 'us.anthropic.claude-sonnet-5', 'anthropic/claude-haiku-4-5']],
  ['llama', ['llama-3.3-70b-versatile', 'meta-llama/Llama-3.1-8B-Instruct', 'meta-llama-3']],
  ['gemini', ['gemini-3.8-flash', 'google/gemma-3']],
  ['mistral', ['ministral-8b-2512', 'codestral-2508', 'mistralai/Mixtral-8x7B']],
]

for (const [family, models] of families) {
  test(`models of the family ${family} are known by their names, however a gateway writes them`, () => {
    for (const model of models) equal(familyOf(model), family, model)
  })
}

test('a model that nobody knows is kin of itself alone', () => {
  equal(familyOf('house-7b'), familyOf('acme/House-7B'))
  notEqual(familyOf('house-7b'), familyOf('house-70b'))
})
