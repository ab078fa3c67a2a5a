import { equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { promptIdOf } from '../../../services/compare/prompt.ts'
import { type Dialect } from '../../../shared/contracts/exchange.ts'

function idOf(dialect: Dialect, content: unknown, truncated = false): string | null {
  const data = typeof content === 'string' ? content : JSON.stringify(content)
  const body = { encoding: 'utf8', data, sizeBytes: data.length, sha256: null, truncated } as const
  return promptIdOf({
    dialect,
    request: { method: 'POST', path: '/', headers: {}, body, model: 'large-1', streamed: false },
  })
}

const asked = { role: 'user', content: 'Where is my order?' }
const chat = (system: unknown, question: object = asked) =>
  idOf('openai-chat', { messages: [{ role: 'system', content: system }, question] })

test('requests with the same system prompt have the same id, whatever is asked and in whatever dialect', () => {
  const id = chat('Be brief.')

  equal(chat('Be brief.', { role: 'user', content: 'And the other one?' }), id)
  equal(chat([{ type: 'text', text: 'Be brief.' }]), id)
  equal(idOf('anthropic-messages', { system: 'Be brief.', messages: [asked] }), id)
  equal(idOf('anthropic-messages', { system: [{ type: 'text', text: 'Be brief.' }], messages: [asked] }), id)
  equal(idOf('openai-responses', { instructions: 'Be brief.', input: 'Where?' }), id)
  equal(idOf('openai-chat', { messages: [{ role: 'developer', content: 'Be brief.' }, asked] }), id)
  notEqual(chat('Be long.'), id)
})

test('without a system prompt, or where the body cannot be read, there is none', () => {
  equal(idOf('openai-chat', { messages: [asked] }), null)
  equal(idOf('openai-chat', { messages: [{ role: 'system', content: ' ' }, asked] }), null)
  equal(idOf('openai-completions', { prompt: 'Once upon' }), null)
  equal(idOf('openai-chat', '{"messages": [', true), null)
  equal(idOf('openai-chat', 'no JSON'), null)
  equal(idOf('anthropic-messages', 'null'), null)
})
