import { equal, match, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Anthropic } from '@anthropic-ai/sdk'
import { OpenAI } from 'openai'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { strictProvider } from './provider.ts'
import { refusalOf } from './refusal.ts'

const user = { role: 'user', content: 'Hi' }
const open = { type: 'object', properties: { a: {} } }
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
const chatTool = { type: 'function', function: { name: 'f' } }
const tool = { name: 'f', input_schema: { type: 'object' } }
const uses = { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] }
const result = { type: 'tool_result', tool_use_id: 'c', content: 'x' }
const json = (schema: object) => ({ format: { type: 'json_schema', schema } })

const plain: Record<string, object> = {
  'openai-chat': { model: 'gpt-4.1', messages: [user] },
  'openai-responses': { model: 'gpt-4.1', input: 'Hi', store: false },
  'openai-embeddings': { model: 'text-embedding-3-small', input: 'Hi' },
  'anthropic-messages': { model: 'claude-haiku-4-5', max_tokens: 9, messages: [user] },
}

const refused: [Dialect, object, RegExp][] = [
  ['openai-chat', { top_k: 5 }, /top_k/],
  ['openai-chat', { messages: [] }, /messages/],
  ['openai-chat', { temperature: 2.1 }, /temperature/],
  ['openai-chat', { stop: ['a', 'b', 'c', 'd', 'e'] }, /stop/],
  ['openai-chat', { max_tokens: 5, max_completion_tokens: 5 }, /max_tokens/],
  ['openai-chat', { tool_choice: 'auto' }, /tool_choice/],
  ['openai-chat', { messages: [user, { role: 'tool', tool_call_id: 'c', content: 'x' }] }, /must follow its call/],
  ['openai-chat', { messages: [user, { role: 'assistant', tool_calls: [call] }, user] }, /without results/],
  ['openai-chat', { messages: [{ role: 'critic', content: 'Hm' }] }, /role/],
  ['openai-chat', { response_format: { type: 'json_object' } }, /json/],
  ['openai-chat', { tools: [{ ...chatTool, function: { name: 'f', strict: true, parameters: open } }] }, /not strict/],
  ['openai-chat', { model: 'gpt-5-mini', max_tokens: 5 }, /max_tokens/],
  ['openai-chat', { model: 'gpt-5-mini', temperature: 0 }, /temperature/],
  ['openai-chat', { model: 'o3', stop: 'x' }, /stop/],
  ['openai-chat', { reasoning_effort: 'low' }, /effort/],
  ['openai-responses', { store: undefined }, /store/],
  ['openai-responses', { stop: 'x' }, /stop/],
  ['openai-responses', { max_output_tokens: 15 }, /max_output_tokens/],
  ['openai-responses', { messages: [user] }, /messages/],
  ['openai-responses', { tools: [{ type: 'function', name: 'f', parameters: open }] }, /not strict/],
  ['openai-responses', { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }, /no tool call/],
  ['openai-embeddings', { input: '' }, /input/],
  ['openai-embeddings', { model: 'text-embedding-ada-002', dimensions: 9 }, /dimensions/],
  ['anthropic-messages', { max_tokens: undefined }, /max_tokens/],
  ['anthropic-messages', { seed: 1 }, /seed/],
  ['anthropic-messages', { temperature: 1.5 }, /temperature/],
  ['anthropic-messages', { temperature: 1 }, /not permitted/],
  ['anthropic-messages', { messages: [{ role: 'assistant', content: 'Hi' }, user] }, /first message/],
  ['anthropic-messages', { messages: [{ role: 'user', content: ' ' }] }, /non-whitespace/],
  ['anthropic-messages', { messages: [user, { role: 'system', content: 'S' }, user] }, /role "system"/],
  ['anthropic-messages', { messages: [user, uses, user], tools: [tool] }, /without tool_result/],
  ['anthropic-messages', { messages: [user, uses, { role: 'user', content: [result] }] }, /tools: required/],
  [
    'anthropic-messages',
    { messages: [user, uses, { role: 'user', content: [{ type: 'text', text: 'x' }, result] }], tools: [tool] },
    /must come first/,
  ],
  [
    'anthropic-messages',
    { model: 'claude-opus-4-6', messages: [user, { role: 'assistant', content: 'A' }] },
    /Prefill/,
  ],
  ['anthropic-messages', { model: 'claude-opus-5-5', tools: [tool], tool_choice: { type: 'any' } }, /tool_choice/],
  ['anthropic-messages', { model: 'claude-opus-5-5', thinking: { type: 'disabled' } }, /thinking/],
  [
    'anthropic-messages',
    {
      max_tokens: 4_096,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      messages: [user, uses, { role: 'user', content: [result] }],
      tools: [tool],
    },
    /Expected `thinking`/,
  ],
  [
    'anthropic-messages',
    {
      max_tokens: 4_096,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      messages: [user, { role: 'assistant', content: 'A' }],
    },
    /Expected `thinking`/,
  ],
  ['anthropic-messages', { output_config: { effort: 'low' } }, /effort/],
  ['anthropic-messages', { output_config: json({ type: 'object', properties: {} }) }, /additionalProperties/],
  ['anthropic-messages', { output_config: json({ type: 'integer', minimum: 1 }) }, /minimum/],
  ['anthropic-messages', { stop_sequences: ['\n'] }, /stop_sequences/],
]

test('the strict provider answers what the real ones answer', () => {
  for (const [dialect, body] of Object.entries(plain)) {
    equal(refusalOf(dialect as Dialect, body, { 'anthropic-version': '2026-10-21' }), null, dialect)
  }
  const older = { 'anthropic-version': '2023-06-01' }
  equal(refusalOf('anthropic-messages', { ...plain['anthropic-messages'], temperature: 0 }, older), null)
})

for (const [dialect, more, why] of refused) {
  test(`the strict provider refuses ${dialect} with ${JSON.stringify(more).slice(0, 90)}`, () => {
    const body = JSON.parse(JSON.stringify({ ...plain[dialect], ...more })) as object
    match(refusalOf(dialect, body, { 'anthropic-version': '2026-10-21' }) ?? 'accepted', why)
  })
}

test('the official clients are answered, and told what is refused', async (context) => {
  const { url, refused } = await strictProvider(context)
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0 })
  const chat = await openai.chat.completions.create({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] })
  equal(chat.choices[0]?.message.content, 'ok')
  await rejects(openai.responses.create({ model: 'gpt-4.1', input: 'Hi' }), { status: 400 })
  const anthropic = new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0 })
  const asked = { model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi' }] }
  equal((await anthropic.messages.create(asked)).stop_reason, 'end_turn')
  await rejects(anthropic.messages.create({ ...asked, max_tokens: 0 }), { status: 400 })
  equal(refused.length, 2)
})
