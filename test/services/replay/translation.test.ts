import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aConfig, aMessagesExchange, anExchange, observationOf, openArms, replay } from './builders.ts'
import {
  chatChunks,
  chatCompletion,
  chatToolCall,
  message,
  messageEvents,
  pretendProvider,
  type Script,
  sendEvents,
  sendJson,
} from './pretend-provider.ts'

const answersChat: Script = (response, { body }) =>
  body.stream === true
    ? sendEvents(response, chatChunks(['Bl', 'ue.'], body.model))
    : sendJson(response, 200, chatCompletion('Blue.', body.model))

test('a chat request goes to a messages model in its dialect, with its tools, and the answer comes back', async (context) => {
  const anthropic = await pretendProvider(context, (response) =>
    sendJson(
      response,
      200,
      message([{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } }], 'm', 'tool_use'),
    ),
  )
  const openai = await pretendProvider(context, (response) =>
    sendJson(response, 200, chatToolCall('weather', '{"city":"Rome"}')),
  )
  const config = aConfig(
    { openai: openai.url, anthropic: anthropic.url },
    { candidates: [{ name: 'haiku', provider: 'anthropic', model: 'claude-haiku-4-5' }] },
  )
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const exchange = anExchange({
    model: 'gpt-4o',
    max_tokens: 50,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather in Rome?' },
    ],
    tools: [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters } }],
  })

  const set = await replay(exchange, openArms(context, config))

  const [asked] = anthropic.asked
  assert.equal(asked?.path, '/v1/messages')
  assert.equal(asked.body.model, 'claude-haiku-4-5')
  assert.equal(asked.body.tools?.[0]?.name, 'weather')
  assert.deepEqual(asked.body.tools?.[0]?.input_schema, parameters)
  assert.equal(asked.headers.authorization, 'Bearer sk-operator-anthropic')
  const haiku = observationOf(set, 'haiku')
  assert.equal(haiku.dialect, 'anthropic-messages')
  assert.deepEqual(
    [haiku, observationOf(set, 'control')].map(({ answer }) => answer?.toolCalls.map(({ name }) => name)),
    [['weather'], ['weather']],
  )
  assert.deepEqual(JSON.parse(haiku.answer!.toolCalls[0]!.argumentsText), { city: 'Rome' })
})

test('a messages request goes to a chat model in its dialect, streamed', async (context) => {
  const anthropic = await pretendProvider(context, (response) => sendEvents(response, messageEvents(['Bl', 'ue.'])))
  const openai = await pretendProvider(context, answersChat)
  const config = aConfig(
    { openai: openai.url, anthropic: anthropic.url },
    { control: { provider: 'anthropic' }, candidates: [{ name: 'four', provider: 'openai', model: 'gpt-4.1' }] },
  )
  const exchange = aMessagesExchange({
    model: 'claude-sonnet-4-6',
    max_tokens: 100,
    stream: true,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Sky?' }],
  })

  const set = await replay(exchange, openArms(context, config))

  assert.equal(openai.asked[0]?.body.stream, true)
  assert.deepEqual(
    openai.asked[0]?.body.messages.map(({ role }) => role),
    ['system', 'user'],
  )
  assert.equal(anthropic.asked[0]?.headers['anthropic-version'], '2023-06-01')
  for (const arm of ['control', 'four']) {
    assert.equal(observationOf(set, arm).answer?.text, 'Blue.', arm)
    assert.equal(observationOf(set, arm).answer?.usage.outputTokens, 4, arm)
    assert.ok(observationOf(set, arm).chunks.length > 2, arm)
  }
})

test('a JSON format that was asked for is asked of a model of the other dialect too', async (context) => {
  const anthropic = await pretendProvider(context, (response) =>
    sendJson(response, 200, message([{ type: 'text', text: '{"colour":"blue"}' }])),
  )
  const openai = await pretendProvider(context, answersChat)
  const config = aConfig(
    { openai: openai.url, anthropic: anthropic.url },
    { candidates: [{ name: 'haiku', provider: 'anthropic', model: 'claude-haiku-4-5' }] },
  )
  const schema = {
    type: 'object',
    properties: { colour: { type: 'string' } },
    required: ['colour'],
    additionalProperties: false,
  }
  const exchange = anExchange({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Sky?' }],
    response_format: { type: 'json_schema', json_schema: { name: 'sky', schema, strict: true } },
  })

  const set = await replay(exchange, openArms(context, config))

  assert.deepEqual(anthropic.asked[0]?.body.output_config?.format?.schema?.properties, schema.properties)
  assert.equal(observationOf(set, 'haiku').answer?.text, '{"colour":"blue"}')
})

test('what no translation can carry costs nothing, and its observation says what it was', async (context) => {
  const openai = await pretendProvider(context, answersChat)
  const anthropic = await pretendProvider(context, (response) => sendJson(response, 200, message([])))
  const config = aConfig(
    { openai: openai.url, anthropic: anthropic.url },
    { candidates: [{ name: 'haiku', provider: 'anthropic', model: 'claude-haiku-4-5' }] },
  )
  const exchange = anExchange({ model: 'gpt-4o', n: 3, messages: [{ role: 'user', content: 'Sky?' }] })

  const set = await replay(exchange, openArms(context, config))

  const haiku = observationOf(set, 'haiku')
  assert.deepEqual([haiku.outcome, haiku.notAskedReason], ['not_asked', 'untranslatable'])
  assert.ok(haiku.losses[0]!.detail.length > 0)
  assert.equal(observationOf(set, 'control').notAskedReason, 'no_pair')
  assert.equal(openai.asked.length + anthropic.asked.length, 0)
})

test('what a translation changes is in the observation’s losses', async (context) => {
  const anthropic = await pretendProvider(context, (response) =>
    sendJson(response, 200, message([{ type: 'text', text: 'Blue.' }])),
  )
  const openai = await pretendProvider(context, answersChat)
  const config = aConfig(
    { openai: openai.url, anthropic: anthropic.url },
    { candidates: [{ name: 'haiku', provider: 'anthropic', model: 'claude-haiku-4-5' }] },
  )
  const exchange = anExchange({ model: 'gpt-4o', seed: 7, messages: [{ role: 'user', content: 'Sky?' }] })

  const set = await replay(exchange, openArms(context, config))

  assert.ok(observationOf(set, 'haiku').losses.some(({ parameter }) => parameter === 'seed'))
  assert.deepEqual(observationOf(set, 'control').losses, [])
})

test('a candidate is asked under the version and betas its config names, the control as recorded', async (context) => {
  const answers: Script = (response) => sendJson(response, 200, message([{ type: 'text', text: 'Blue.' }], 'm'))
  const anthropic = await pretendProvider(context, answers)
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'recorded-beta' }
  const settings = { one: { apiVersion: '2099-01-01', betas: ['b-1', 'b-2'] }, two: { betas: [] }, three: {} }
  const candidates = Object.entries(settings).map(([name, each]) => ({
    name,
    provider: 'anthropic',
    model: name,
    ...each,
  }))
  const config = aConfig({ openai: anthropic.url }, { control: { provider: 'anthropic' }, candidates })

  await replay(aMessagesExchange(undefined, { request: { headers } }), openArms(context, config))

  const sent = anthropic.asked.map((asked): [string, unknown] => [
    asked.body.model,
    [asked.headers['anthropic-version'], asked.headers['anthropic-beta']],
  ])
  assert.deepEqual(Object.fromEntries(sent), {
    'claude-sonnet-4-6': ['2023-06-01', 'recorded-beta'],
    one: ['2099-01-01', 'b-1,b-2'],
    two: ['2023-06-01', undefined],
    three: ['2023-06-01', 'recorded-beta'],
  })
})
