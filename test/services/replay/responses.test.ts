import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from '../../../services/replay/pace.ts'
import { createWorker } from '../../../services/replay/worker.ts'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { deliver } from '../../../shared/log/delivery-policy.ts'
import { decodeMessage } from '../../../shared/log/messages.ts'
import { type Delivery, type LogRecord } from '../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { aConfig, anExchange, gateOf, nothingDone, idle, observationOf, openArms, replay } from './builders.ts'
import { aResponse, pretendProvider, responseEvents, sendEvents, sendJson } from './pretend-provider.ts'

const responsesRequest = {
  model: 'gpt-4.1',
  instructions: 'Be brief.',
  input: [{ role: 'user', content: 'Which colour is the sky?' }],
  max_output_tokens: 40,
  temperature: 0,
  stream: true,
}
const served = readAnswer(
  'openai-responses',
  { status: 200, contentType: 'application/json' },
  Buffer.from(JSON.stringify(aResponse('Blue.', 'gpt-4.1'))),
)
const responsesExchange = (body: object) =>
  anExchange(body, { dialect: 'openai-responses', request: { path: '/v1/responses' }, served: { answer: served } })

test('a Responses exchange is asked again in its own dialect, streamed, and never stored', async (context) => {
  const provider = await pretendProvider(context, (response) => sendEvents(response, responseEvents(['Bl', 'ue.'])))
  const candidate = {
    name: 'mini',
    provider: 'openai',
    model: 'gpt-5-mini',
    // In the words of chat completions, which the other calls of this candidate are made in.
    parameters: { max_completion_tokens: 900, reasoning_effort: 'low' },
  }
  const arms = openArms(context, aConfig({ openai: provider.url }, { candidates: [candidate] }))

  const set = await replay(responsesExchange(responsesRequest), arms)

  for (const { dialect, outcome, answer, chunks } of set.observations) {
    assert.deepEqual([dialect, outcome, answer?.text, chunks.length], ['openai-responses', 'answered', 'Blue.', 4])
  }
  const bodyFor = (model: string) => {
    const asked = provider.asked.find(({ body }) => body.model === model)!
    assert.equal(asked.path, '/v1/responses')
    return asked.body
  }
  assert.deepEqual(bodyFor('gpt-4.1'), { ...responsesRequest, store: false })
  const { temperature: _, ...rest } = responsesRequest
  assert.deepEqual(bodyFor('gpt-5-mini'), {
    ...rest,
    model: 'gpt-5-mini',
    max_output_tokens: 900,
    reasoning: { effort: 'low' },
    store: false,
  })
  const { losses } = observationOf(set, 'mini')
  assert.deepEqual(
    losses.map(({ parameter, kind }) => `${parameter} ${kind}`),
    ['temperature dropped'],
  )
})

test('a Responses exchange that hangs on what the provider keeps is not asked of anyone', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, aResponse('Blue.')))
  const arms = openArms(context, aConfig({ openai: provider.url }))

  const set = await replay(responsesExchange({ ...responsesRequest, previous_response_id: 'resp_0' }), arms)

  assert.deepEqual(
    set.observations.map(({ outcome, notAskedReason }) => [outcome, notAskedReason]),
    [
      ['not_asked', 'not_replayable'],
      ['not_asked', 'not_replayable'],
    ],
  )
  assert.equal(provider.asked.length, 0)
})

test('embeddings are asked of the model that made them and of no other', async (context) => {
  const vectors = { model: 'e-1', data: [{ embedding: [1, 0] }], usage: { prompt_tokens: 1, total_tokens: 1 } }
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, vectors))
  const elsewhere = { name: 'elsewhere', provider: 'openai', model: 'e-1' }
  const other = { name: 'other', provider: 'openai', model: 'gpt-5-mini' }
  const arms = openArms(context, aConfig({ openai: provider.url }, { candidates: [elsewhere, other] }))
  const body = { model: 'e-1', input: 'sky' }
  const answer = readAnswer(
    'openai-embeddings',
    { status: 200, contentType: 'application/json' },
    Buffer.from(JSON.stringify(vectors)),
  )

  const set = await replay(anExchange(body, { dialect: 'openai-embeddings', served: { answer } }), arms)

  assert.deepEqual(
    set.observations.map(({ arm, outcome, notAskedReason }) => [arm, outcome, notAskedReason]),
    [
      ['control', 'answered', null],
      ['elsewhere', 'answered', null],
      ['other', 'not_asked', 'not_replayable'],
    ],
  )
  assert.deepEqual(
    provider.asked.map(({ path, text }) => [path, text]),
    [
      ['/v1/embeddings', JSON.stringify(body)],
      ['/v1/embeddings', JSON.stringify(body)],
    ],
  )
})

test('a record in a dialect that this program does not know becomes a dead letter, and its neighbours are asked', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, aResponse('Blue.')))
  const arms = openArms(context, aConfig({ openai: provider.url }))
  const published: LogRecord[] = []
  const publish = async (_: unknown, records: readonly LogRecord[]) => void published.push(...records)
  const pace = createPace('asap')
  const handle = createWorker({ ...idle, arms, gate: gateOf(arms), state: nothingDone, pace, publish, inFlight: 2 })
  const request = { ...responsesRequest, stream: false }
  const exchanges = [
    responsesExchange(request),
    { ...responsesExchange(request), dialect: 'openai-of-tomorrow' },
    responsesExchange(request),
  ]
  const batch = exchanges.map((exchange, offset) => aDelivery(String(offset), JSON.stringify(exchange)))
  const letters: DeadLetter[] = []

  const settled = await deliver(
    batch,
    {
      group: 'replay',
      handle: (records, { signal }) => handle(records, signal),
      publishDeadLetter: async ({ value }) => void letters.push(decodeMessage(DeadLetter, value)),
      logger: silentLogger,
    },
    { signal: new AbortController().signal, mayRetry: () => true },
  )

  assert.equal(settled, 3)
  assert.deepEqual(
    letters.map(({ offset, errorCode }) => [offset, errorCode]),
    [['1', 'MESSAGE_MALFORMED']],
  )
  const asked = published.map(({ value }) => decodeMessage(ObservationSet, value).exchange.exchangeId)
  assert.deepEqual(asked.toSorted(), [exchanges[0]!.exchangeId, exchanges[2]!.exchangeId].toSorted())
})

function aDelivery(offset: string, text: string): Delivery {
  const place = { topic: 'exchanges' as const, partition: 0, offset, key: 'k' }
  return { ...place, value: Buffer.from(text), headers: {}, publishedAtMs: Date.now() }
}
