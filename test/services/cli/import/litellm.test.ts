import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { copyOfEntry, upstreamChooser } from '../../../../services/cli/import/copy-of-entry.ts'
import { createEntryReader } from '../../../../services/cli/import/entry-reader.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { Exchange } from '../../../../shared/contracts/exchange.ts'

const upstreams = { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } as const
const { tap, routes } = Config.parse({
  tap: { upstreams },
  providers: {},
  control: false,
  candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }],
})
const upstreamOf = upstreamChooser(upstreams, undefined)

const logged = {
  id: 'chatcmpl-1',
  trace_id: '5f1c',
  call_type: 'acompletion',
  stream: true,
  response_cost: 0.0000285,
  status: 'success',
  custom_llm_provider: 'openai',
  total_tokens: 18,
  prompt_tokens: 11,
  completion_tokens: 7,
  startTime: 1759305600.25,
  endTime: 1759305601.5,
  completionStartTime: 1759305600.75,
  response_time: 0.5,
  model: 'openai/gpt-4o',
  model_group: 'our-best',
  api_base: 'https://api.openai.com',
  metadata: { user_api_key_hash: 'canary' },
  cache_hit: null,
  end_user: 'user-7',
  messages: [{ role: 'user', content: 'Say hello' }],
  response: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1759305600,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  },
  error_str: null,
  model_parameters: { temperature: 0.2, max_tokens: 50 },
  hidden_params: {},
}

async function exchangeOf(fields: object): Promise<Exchange> {
  const read = createEntryReader({ tap, routes }, { upstreamOf, source: 'import' })
  const { record } = await read(JSON.stringify(fields), new Date(0))
  return Exchange.parse(JSON.parse(String(record.value)))
}

const refusal = (fields: object) => () =>
  copyOfEntry(JSON.stringify(fields), { upstreamOf, source: 'import', writtenAt: new Date(0) })

test('a logged chat completion is the exchange that it was, times and mode included', async () => {
  const { request, served, capturedAt, dialect } = await exchangeOf(logged)

  deepEqual(JSON.parse(request.body.data!), {
    temperature: 0.2,
    max_tokens: 50,
    stream: true,
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Say hello' }],
  })
  deepEqual(
    [dialect, capturedAt, request.model, request.streamed],
    ['openai-chat', '2025-10-01T08:00:00.250Z', 'gpt-4o', true],
  )
  deepEqual([served.ttftMs, served.totalMs], [500, 1250])
  deepEqual([served.answer!.text, served.answer!.usage.inputTokens], ['Hello.', 11])
})

test('messages logged as text are read, and one end user is one conversation', async () => {
  const asText = await exchangeOf({ ...logged, messages: JSON.stringify(logged.messages), stream: false })
  const other = await exchangeOf({ ...logged, end_user: 'user-8' })
  const again = await exchangeOf({ ...logged, messages: [{ role: 'user', content: 'Another question' }] })

  equal(asText.request.streamed, false)
  equal(again.conversationId, asText.conversationId)
  equal(other.conversationId === asText.conversationId, false)
})

test('what the metadata says of keys is not stored', async () => {
  equal(JSON.stringify(await exchangeOf(logged)).includes('canary'), false)
})

test('a call that cannot be told or was not the model’s is not used, by reason', () => {
  const { response } = logged
  const withheld = [{ role: 'user', content: 'redacted-by-litellm' }]
  const hidden = {
    ...response,
    choices: [{ index: 0, message: { role: 'assistant', content: 'redacted-by-litellm' } }],
  }
  for (const [fields, reason] of [
    [{ ...logged, call_type: 'aembedding' }, 'other_call'],
    [{ ...logged, custom_llm_provider: 'bedrock' }, 'other_provider'],
    [{ ...logged, cache_hit: true }, 'from_cache'],
    [{ ...logged, messages: withheld }, 'withheld'],
    [{ ...logged, response: hidden }, 'withheld'],
    [{ ...logged, messages: null }, 'no_input'],
    [{ ...logged, messages: 'not JSON' }, 'no_input'],
    [{ ...logged, status: 'failure', response: null }, 'no_response'],
  ] as const) {
    throws(refusal(fields), { reason })
  }
})

test('a log without the time of its end has no times, rather than wrong ones', async () => {
  const { served } = await exchangeOf({ ...logged, endTime: null, completionStartTime: 0 })
  deepEqual([served.ttftMs, served.totalMs], [null, null])
})
