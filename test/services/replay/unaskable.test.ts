import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type Observation } from '../../../shared/contracts/observation.ts'
import { aBody, aConfig, aMessagesExchange, anExchange, observationOf, openArms, replay } from './builders.ts'
import {
  chatChunks,
  chatCompletion,
  chatError,
  pretendProvider,
  type Script,
  sendEvents,
  sendJson,
} from './pretend-provider.ts'

const answers: Script = (response) => sendJson(response, 200, chatCompletion('Blue.'))
const words = 'Which colour is the sky?'

/** The control's observation, and how often the provider was asked. */
async function observe(
  context: TestContext,
  exchange: Parameters<typeof replay>[0],
  script: Script = answers,
): Promise<{ seen: Observation; asked: number }> {
  const provider = await pretendProvider(context, script)
  const candidates = [{ name: 'one', provider: 'openai', model: 'm' }]
  const config = aConfig({ openai: provider.url }, { control: false, candidates })
  const set = await replay(exchange, openArms(context, config))
  return { seen: observationOf(set, 'one'), asked: provider.asked.length }
}

const chatWith = (part: object) =>
  anExchange({ model: 'gpt-4o', messages: [{ role: 'user', content: [{ type: 'text', text: words }, part] }] })
const responsesWith = (more: object) =>
  anExchange(
    { model: 'gpt-4o', input: words, ...more },
    { dialect: 'openai-responses', request: { path: '/v1/responses' } },
  )
const messagesWith = (content: object[]) =>
  aMessagesExchange({ model: 'claude-sonnet-4-6', max_tokens: 9, messages: [{ role: 'user', content }] })

const never: [string, Parameters<typeof replay>[0], Observation['notAskedReason'][]][] = [
  ['a call that continues an earlier response', responsesWith({ previous_response_id: 'resp_1' }), ['not_replayable']],
  ['a call within a stored conversation', responsesWith({ conversation: 'conv_1' }), ['not_replayable']],
  ['a call that goes on in the background', responsesWith({ background: true }), ['not_replayable']],
  [
    'a file that only the recorded account has',
    messagesWith([{ type: 'document', source: { type: 'file', file_id: 'file_1' } }]),
    ['not_replayable', 'untranslatable'],
  ],
  ['a body that was not kept', anExchange(undefined, { request: { body: aBody(null) } }), ['body_not_captured']],
  [
    'a body that was cut',
    anExchange(undefined, { request: { body: aBody('{"mod', { truncated: true }) } }),
    ['body_not_captured'],
  ],
  ['a body that is no JSON', anExchange(undefined, { request: { body: aBody('{"model": ') } }), ['body_not_json']],
]

for (const [what, exchange, reasons] of never) {
  test(`${what} is not asked, and says why`, async (context) => {
    const { seen, asked } = await observe(context, exchange)
    assert.deepEqual([seen.outcome, seen.failureKind, asked], ['not_asked', null, 0])
    assert.ok(reasons.includes(seen.notAskedReason), String(seen.notAskedReason))
  })
}

const gone: [string, number, object][] = [
  [
    'a file that was deleted',
    404,
    { error: { message: 'No such File object: file-abc123', type: 'invalid_request_error' } },
  ],
  [
    'an image whose address has expired',
    400,
    { error: { message: 'Error while downloading https://x/y.png.', code: 'invalid_image_url' } },
  ],
  [
    'an image that cannot be fetched',
    400,
    { error: { message: 'Unable to download the file. Please verify the URL.' } },
  ],
  ['an earlier response that is gone', 400, chatError('previous_response_not_found')],
]

for (const [what, status, body] of gone) {
  test(`${what} is no failure of the model: the exchange cannot be replayed`, async (context) => {
    const exchange = chatWith({ type: 'image_url', image_url: { url: 'https://images.example/expired.png' } })
    const { seen, asked } = await observe(context, exchange, (response) => sendJson(response, status, body))
    assert.deepEqual(
      [seen.outcome, seen.notAskedReason, seen.failureKind, asked],
      ['not_asked', 'not_replayable', null, 1],
    )
    assert.equal(seen.status, status)
  })
}

test('four exchanges that cannot be replayed do not pause their arm', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, gone[0]![1], gone[0]![2]))
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }))
  for (let nth = 0; nth < 4; nth++) {
    assert.equal(observationOf(await replay(anExchange(), arms), 'mini').notAskedReason, 'not_replayable')
  }
  assert.equal(provider.asked.length, 4)
})

for (const [what, usage] of [
  ['words', { prompt_tokens: 'NaN', completion_tokens: 'NaN', total_tokens: 'NaN' }],
  ['negative numbers', { prompt_tokens: -1, completion_tokens: -4, total_tokens: -5 }],
  ['nothing', { prompt_tokens: null, completion_tokens: null }],
  ['no object', 'none'],
] as [string, unknown][]) {
  test(`usage that counts ${what} is unknown, and so is the cost`, async (context) => {
    const { seen } = await observe(context, anExchange(), (response) =>
      sendJson(response, 200, { ...chatCompletion('Blue.'), usage }),
    )
    assert.deepEqual([seen.outcome, seen.answer?.text], ['answered', 'Blue.'])
    assert.deepEqual(
      [seen.answer?.usage.inputTokens, seen.answer?.usage.outputTokens, seen.costUsd],
      [null, null, null],
    )
  })
}

test('usage that is no JSON number at all spoils the answer’s body, and the observation says so', async (context) => {
  const { seen } = await observe(context, anExchange(), (response) => {
    const body = JSON.stringify(chatCompletion('Blue.')).replace('"prompt_tokens":10', '"prompt_tokens":NaN')
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  assert.deepEqual([seen.outcome, seen.failureKind, seen.costUsd], ['failed', 'malformed_answer', null])
})

test('a tool that the model asks for is recorded and never run', async (context) => {
  const tools = [{ type: 'function', function: { name: 'delete_all', parameters: { type: 'object' } } }]
  const call = { id: 'c1', type: 'function', function: { name: 'delete_all', arguments: '{}' } }
  const message = { role: 'assistant', content: null, tool_calls: [call] }
  const { seen, asked } = await observe(
    context,
    anExchange({ model: 'gpt-4o', tools, messages: [{ role: 'user', content: words }] }),
    (response) =>
      sendJson(response, 200, { ...chatCompletion(''), choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }),
  )
  assert.equal(seen.answer?.toolCalls[0]?.name, 'delete_all')
  assert.equal(asked, 1)
})

test('an event stream with noise between its events is read, and what was odd is named', async (context) => {
  const streamed = { model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: words }] }
  const { seen } = await observe(context, anExchange(streamed), async (response) => {
    const [first, ...rest] = chatChunks(['Blue', '.'])
    await sendEvents(response, [first, 'this is no JSON', ...rest])
  })
  assert.ok(seen.outcome === 'failed' || seen.answer!.anomalies.length > 0, JSON.stringify(seen.answer?.anomalies))
})
