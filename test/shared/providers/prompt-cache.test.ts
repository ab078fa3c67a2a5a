import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutPromptCache } from '../../../shared/providers/prompt-cache.ts'
import {
  aConfig,
  aMessagesExchange,
  anExchange,
  observationOf,
  openArms,
  replay,
} from '../../services/replay/builders.ts'
import { chatCompletion, message, pretendProvider, sendJson } from '../../services/replay/pretend-provider.ts'

const bust = { replay: { promptCache: 'bust' } }
const user = { role: 'user', content: 'Which colour?' }

test('with caches busted each arm’s prompt begins in its own way, which is told', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const arms = openArms(context, aConfig({ openai: provider.url }, bust))
  const body = { model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief.' }, user] }
  const set = await replay(anExchange(body), arms)

  const firsts = provider.asked.map((asked) => String(asked.body.messages[0]!.content))
  const marks = firsts.map((first) => /^(\[request [0-9a-f-]{36}\])\nBe brief\.$/.exec(first)?.[1] ?? first)
  assert.equal(new Set(marks).size, 2)
  const told = ['control', 'mini'].map((arm) => observationOf(set, arm).losses[0]!.detail)
  assert.ok(marks.every((mark) => told.some((detail) => detail.startsWith(mark))))
  assert.deepEqual(provider.asked[0]!.body.messages[1], user)
})

test('with caches kept a request goes out in its recorded bytes', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const exchange = anExchange()
  const set = await replay(exchange, openArms(context, aConfig({ openai: provider.url })))
  assert.ok(provider.asked.some(({ text }) => text === exchange.request.body.data))
  assert.deepEqual(observationOf(set, 'control').losses, [])
})

test('Anthropic’s marks are left out wherever they stand, and not a word of the prompt changes', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, message([], 'm')))
  const mark = { cache_control: { type: 'ephemeral' } }
  const bodyWith = (marked: object, call: object) => ({
    model: 'claude-sonnet-4-6',
    max_tokens: 10,
    ...marked,
    system: [{ type: 'text', text: 'Be brief.', ...marked }],
    tools: [{ name: 't', input_schema: { type: 'object', properties: mark }, ...marked }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Which?', ...marked }] }, call],
  })
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 't', input: mark }] }
  const config = aConfig({ openai: provider.url }, { ...bust, control: { provider: 'anthropic' } })
  const set = await replay(aMessagesExchange(bodyWith(mark, call)), openArms(context, config))
  const control = provider.asked.find(({ path }) => path.startsWith('/v1/messages'))!
  assert.deepEqual(control.body, bodyWith({}, call))
  assert.deepEqual(
    observationOf(set, 'control').losses.map(({ parameter, kind, severity }) => [parameter, kind, severity]),
    [['cache_control', 'dropped', 'minor']],
  )
})

test('a responses call gets its line as instructions, parts get it as a part, and what has no prompt is left alone', () => {
  const busted = (dialect: Parameters<typeof withoutPromptCache>[0], body: Parameters<typeof withoutPromptCache>[1]) =>
    withoutPromptCache(dialect, body, 'm').body
  const line = '[request m]\n'
  assert.deepEqual(busted('openai-responses', { input: 'a' }), { input: 'a', instructions: line })
  assert.deepEqual(busted('openai-responses', { instructions: 'b' }), { instructions: `${line}b` })
  const part = { type: 'text', text: 'a' }
  assert.deepEqual(busted('openai-chat', { messages: [{ role: 'user', content: [part] }] }), {
    messages: [{ role: 'user', content: [{ type: 'text', text: line }, part] }],
  })
  const embedding = { input: 'a' }
  assert.deepEqual(withoutPromptCache('openai-embeddings', embedding, 'm'), { body: embedding, losses: [] })
})
