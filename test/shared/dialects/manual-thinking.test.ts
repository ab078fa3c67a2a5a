import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { refusalOf } from '../../support/strict/refusal.ts'
import { carried, lossesOf, messages, messagesBody } from './asking.ts'

const headers = { 'anthropic-version': '2023-06-01' }
const thought = { type: 'thinking', thinking: 'Hm', signature: 's' }
const tools = [{ name: 'f', input_schema: { type: 'object' } }]
const inLoop = (first: JsonObject): JsonObject[] => [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: [first, { type: 'tool_use', id: 't', name: 'f', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
]
const enabled = (budget_tokens: number) => ({ type: 'enabled', budget_tokens })

function asked(body: JsonObject, model: string, system: string | null = null) {
  const translation = carried(messages, body, { model, headers, system })
  equal(refusalOf(messages, translation.body, translation.headers), null)
  return translation
}

test('within a tool loop another model goes on without the thoughts of the first, and so without a budget for them', () => {
  const body = messagesBody({
    model: 'claude-opus-4-5',
    max_tokens: 4_096,
    thinking: enabled(2_048),
    tools,
    messages: inLoop(thought),
  })
  const moved = asked(body, 'claude-haiku-4-5')
  equal(moved.body['thinking'], undefined)
  deepEqual(lossesOf(moved), ['messages.thinking dropped material', 'thinking dropped minor'])
  const own = asked(body, 'claude-opus-4-5')
  deepEqual(own.body, body)
  deepEqual(own.losses, [])
})

test('its own model goes on without a budget, too, where its thoughts were redacted', () => {
  const masked = { ...thought, thinking: 'Ask [EMAIL_1]' }
  const body = messagesBody({ max_tokens: 4_096, thinking: enabled(2_048), tools, messages: inLoop(masked) })
  deepEqual(lossesOf(asked(body, 'claude-haiku-4-5')), ['messages.thinking dropped material', 'thinking dropped minor'])
})

test('the next words of the user end the loop: the budget stays', () => {
  const closed = [...inLoop(thought), { role: 'assistant', content: 'So' }, { role: 'user', content: 'And?' }]
  const body = messagesBody({
    model: 'claude-opus-4-5',
    max_tokens: 4_096,
    thinking: enabled(2_048),
    tools,
    messages: closed,
  })
  const moved = asked(body, 'claude-haiku-4-5')
  deepEqual(moved.body['thinking'], enabled(2_048))
  deepEqual(lossesOf(moved), ['messages.thinking dropped minor'])
})

test('thinking as the model sees fit becomes a budget only where nothing forbids one', () => {
  const adaptive = { model: 'claude-opus-4-6', max_tokens: 4_096, thinking: { type: 'adaptive' }, tools }
  deepEqual(asked(messagesBody(adaptive), 'claude-haiku-4-5').body['thinking'], enabled(2_048))
  for (const more of [{ messages: inLoop({ type: 'text', text: 'So' }) }, { top_p: 0.5 }]) {
    const moved = asked(messagesBody({ ...adaptive, ...more }), 'claude-haiku-4-5')
    equal(moved.body['thinking'], undefined)
  }
})

test('a budget stays within a limit that was cut', () => {
  const body = messagesBody({ model: 'claude-opus-4-6', max_tokens: 100_000, thinking: enabled(80_000) })
  const moved = asked(body, 'claude-haiku-4-5')
  equal(moved.body['max_tokens'], 64_000)
  deepEqual(moved.body['thinking'], enabled(32_000))
  deepEqual(lossesOf(moved), ['max_tokens clamped minor', 'thinking clamped minor'])
})

test('what becomes of thinking and of effort is told of each by its name', () => {
  const body = messagesBody({ thinking: enabled(2_048), output_config: { effort: 'low' } })
  deepEqual(lossesOf(carried(messages, body, { dialect: 'openai-chat', model: 'gpt-5-mini' })), [
    'max_tokens renamed minor',
    'thinking emulated minor',
  ])
})
