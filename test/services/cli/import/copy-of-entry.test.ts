import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, anything, asyncProperty, constantFrom, json, record } from 'fast-check'
import { copyOfEntry } from '../../../../services/cli/import/copy-of-entry.ts'
import { createEntryReader } from '../../../../services/cli/import/entry-reader.ts'
import { formats } from '../../../../services/cli/import/formats.ts'
import { UnusableEntry } from '../../../../services/cli/import/unusable.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { readEntry, upstreamOf } from './imported.ts'

const request = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] }
const response = { choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }] }

const copy = (entry: object, writtenAt: Date | null = new Date(0)) =>
  copyOfEntry(JSON.stringify(entry), { upstreamOf, source: 'import', writtenAt })

test('the answer tells the dialect, and an error is told by the path or the request', () => {
  const error = { error: { message: 'no' } }
  for (const [entry, path] of [
    [{ request, response }, '/v1/chat/completions'],
    [{ request: { input: 'Hi' }, response: { object: 'response', output: [] } }, '/v1/responses'],
    [{ request: { prompt: 'Hi' }, response: { choices: [{ text: 'Hello' }] } }, '/v1/completions'],
    [{ request: { input: 'Hi' }, response: { data: [{ embedding: [1] }] } }, '/v1/embeddings'],
    [{ request, response: { type: 'message', content: [] } }, '/v1/messages'],
    [{ request, response: error, status: 500 }, '/v1/chat/completions'],
    [{ request, response: { type: 'error', ...error }, status: 529 }, '/v1/messages'],
    [{ request: { input: 'Hi' }, response: error, status: 400, path: '/v1/embeddings' }, '/v1/embeddings'],
    [{ request, response: '<html>Bad gateway', status: 502, path: '/v1/chat/completions' }, '/v1/chat/completions'],
  ] as const) {
    equal(copy(entry).path, path)
  }
})

test('what cannot be told, or not be asked again alone, is not used', () => {
  const error = { error: { message: 'no' } }
  const responses = { object: 'response', output: [] }
  for (const [entry, reason] of [
    [{ request, response: error }, 'no_status'],
    [{ request: { input: 'Hi' }, response: error, status: 400 }, 'unknown_shape'],
    [{ request: { model: 'm' }, response }, 'no_input'],
    [{ request: { input: 'Hi', previous_response_id: 'resp_1' }, response: responses }, 'not_replayable'],
    [{ request: '{"model":"gpt-4o","mess', response }, 'truncated'],
    [{ request, response: '{"choices":[' }, 'truncated'],
    [{ hello: 'world' }, 'unknown_entry'],
  ] as const) {
    throws(() => copy(entry), { reason })
  }
})

test('no time is made up: for a stream whose first token is not told, and for standard input', () => {
  const streamed = { request: { ...request, stream: true }, response, latency_ms: 900 }

  deepEqual([copy(streamed).sentAtMs, copy(streamed).endedAtMs], [null, null])
  equal(copy({ ...streamed, ttft_ms: 300 }).answer.pieces[0]!.atMs, 300)
  throws(() => copy({ request, response }, null), { reason: 'no_time' })
})

test('an answer of a vendor that no upstream speaks to is told, and costs no other entry', async () => {
  const tap = { upstreams: { anthropic: { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1' } } }
  const candidates = [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }]
  const config = Config.parse({ tap, providers: {}, control: false, candidates })
  const onlyAnthropic = (): never => {
    throw new UnusableEntry('no_upstream')
  }
  const read = createEntryReader(config, { upstreamOf: onlyAnthropic, source: 'import' })

  await rejects(read(JSON.stringify({ request, response }), null), { reason: 'no_upstream' })
})

const part = anything({ maxDepth: 3 })
const odd = record(
  {
    request: part,
    response: part,
    request_body: part,
    response_body: part,
    response_status: part,
    request_created_at: part,
    request_properties: part,
    call_type: constantFrom('completion', 5),
    custom_llm_provider: constantFrom('openai', null),
    model_parameters: part,
    startTime: part,
    traceId: part,
    type: constantFrom('GENERATION', 'EMBEDDING', 'SPAN'),
    model: constantFrom('gpt-4o', 5, null),
    modelParameters: part,
    input: part,
    output: part,
    usageDetails: part,
    level: constantFrom('ERROR', 'DEFAULT'),
    statusMessage: part,
    object: constantFrom('chat.completion', 'response', 'list'),
    choices: part,
    messages: part,
    created: part,
  },
  { requiredKeys: [] },
)

/** The reason why it was not used, or that it was. */
async function outcomeOf(text: string, read = readEntry): Promise<string> {
  try {
    await read(text, new Date(0))
    return 'used'
  } catch (err) {
    if (err instanceof UnusableEntry) return err.reason
    throw err
  }
}

test('whatever an entry holds, it is used or not, with a reason, and never ends the import', async () => {
  const config = Config.parse({
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    providers: {},
    control: false,
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }],
  })
  const forced = Object.values(formats).map((format) =>
    createEntryReader(config, { upstreamOf: () => 'openai', source: 'import', format }),
  )
  await check(
    asyncProperty(odd, async (entry) => {
      const text = JSON.stringify(entry, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
      for (const read of [readEntry, ...forced]) ok(await outcomeOf(text, read))
    }),
    { numRuns: 1_000 },
  )
  await check(asyncProperty(json(), async (text) => ok(await outcomeOf(text))))
})
