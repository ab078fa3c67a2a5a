import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { aBody, aConfig, anExchange, observationOf, openArms, replay } from './builders.ts'
import {
  chatChunks,
  chatCompletion,
  chatToolCall,
  pretendProvider,
  type Script,
  sendEvents,
  sendJson,
} from './pretend-provider.ts'

const answersChat: Script = (response, { body }) =>
  body.stream === true
    ? sendEvents(response, chatChunks(['Bl', 'ue.'], body.model))
    : sendJson(response, 200, chatCompletion('Blue.', body.model))

test('the control asks the served model again, byte for byte as it was asked', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const recorded = '{ "model":"gpt-4o", "seed": 9007199254740993, "messages":[{"role":"user","content":"\\ud800 ?"}] }'

  const set = await replay(anExchange(recorded), openArms(context, aConfig({ openai: provider.url })))

  const toControl = provider.asked.find(({ body }) => body.model === 'gpt-4o')
  assert.equal(toControl?.text, recorded)
  assert.equal(toControl.path, '/v1/chat/completions')
  assert.equal(observationOf(set, 'control').model, 'gpt-4o')
  assert.deepEqual(observationOf(set, 'control').losses, [])
})

test('an observation holds the answer, its timing, its usage and its cost', async (context) => {
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    await sleep(30)
    await answersChat(response, asked, nth)
  })
  const set = await replay(anExchange(), openArms(context, aConfig({ openai: provider.url })))

  const { answer, ...mini } = observationOf(set, 'mini')
  assert.equal(answer?.text, 'Blue.')
  assert.equal(answer.usage.outputTokens, 4)
  assert.equal(mini.outcome, 'answered')
  assert.equal(mini.costUsd, 4)
  assert.equal(mini.attempts, 1)
  assert.equal(mini.status, 200)
  assert.ok(mini.ttftMs! >= 29 && mini.totalMs! >= mini.ttftMs!, `ttft ${mini.ttftMs}, total ${mini.totalMs}`)
  assert.deepEqual(mini.chunks, [])
  assert.equal(set.servedCostUsd, 4)
  assert.deepEqual(ObservationSet.parse(set), set)
})

test('a streamed exchange is asked streamed, and every event has its time and size', async (context) => {
  const events = chatChunks(['Bl', 'ue', '.'])
  const provider = await pretendProvider(context, (response) => sendEvents(response, events, 15))
  const exchange = anExchange({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'Sky?' }] })

  const set = await replay(exchange, openArms(context, aConfig({ openai: provider.url })))

  const mini = observationOf(set, 'mini')
  assert.ok(provider.asked.every(({ body }) => body.stream === true))
  assert.equal(mini.streamed, true)
  assert.equal(mini.answer?.text, 'Blue.')
  assert.equal(mini.chunks.length, events.length)
  assert.equal(mini.chunks[0]!.offsetMs, mini.ttftMs)
  assert.equal(mini.chunks[0]!.sizeBytes, `data: ${JSON.stringify(events[0])}\n\n`.length)
  assert.ok(mini.totalMs! - mini.ttftMs! > 40, `the stream took ${mini.totalMs! - mini.ttftMs!} ms`)
})

test('connections are used again', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }))
  for (let i = 0; i < 10; i++) await replay(anExchange(), arms)
  // A second one is opened where the first is given back a moment too late.
  assert.ok(provider.connections <= 2, `${provider.connections} connections`)
})

test('all arms are asked at the same time, in an order that is random', async (context) => {
  // Nobody is answered before everybody has asked.
  let everybody = Promise.withResolvers<void>()
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    if (provider.asked.length === 4) everybody.resolve()
    await everybody.promise
    await answersChat(response, asked, nth)
  })
  const candidates = ['one', 'two', 'three'].map((name) => ({ name, provider: 'openai', model: name }))
  const arms = openArms(context, aConfig({ openai: provider.url }, { candidates }))
  const orders = new Set<string>()
  for (let i = 0; i < 8; i++) {
    provider.asked.length = 0
    everybody = Promise.withResolvers<void>()
    const set = await replay(anExchange(), arms)
    orders.add(provider.asked.map(({ body }) => body.model).join())
    assert.deepEqual(
      set.observations.map(({ arm }) => arm),
      ['control', 'one', 'two', 'three'],
    )
  }
  assert.ok(orders.size > 1, 'eight times the same order of four has a chance of 1 in 24^7')
})

test('an arm whose limit makes it wait delays the others with it, so that the pair is asked together', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const limits = { concurrency: 8, requestsPerMinute: 150 }
  const candidates = [{ name: 'slow', provider: 'openai', model: 'slow', limits }]
  const arms = openArms(context, aConfig({ openai: provider.url }, { candidates }))
  const sets = await Promise.all(Array.from({ length: 27 }, () => replay(anExchange(), arms)))

  const waited = sets.find((set) => observationOf(set, 'slow').waitedMs > 500)
  assert.ok(waited, 'the 27th request waits for the rate')
  const apart = Math.abs(
    Date.parse(observationOf(waited, 'slow').askedAt) - Date.parse(observationOf(waited, 'control').askedAt),
  )
  // It would be more than half a second without the wait of the pair.
  assert.ok(apart < 400, `asked ${apart} ms apart`)
  assert.ok(observationOf(waited, 'slow').totalMs! < 3_000, 'waiting is not the model’s time')
})

test('the same exchange delivered again gives the same observation ids', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const exchange = anExchange()
  const ids = async (): Promise<string[]> => {
    const set = await replay(exchange, openArms(context, aConfig({ openai: provider.url })))
    return set.observations.map(({ observationId }) => observationId)
  }
  const first = await ids()
  assert.deepEqual(await ids(), first)
  assert.equal(new Set(first).size, 2)
})

test('no credential of the recorded client is ever sent, and only the operator’s is', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const headers = { authorization: 'Bearer canary', 'x-api-key': 'canary', cookie: 'canary' }
  const exchange = anExchange(undefined, { request: { headers } })

  await replay(exchange, openArms(context, aConfig({ openai: provider.url })))

  assert.equal(provider.asked.length, 2)
  for (const asked of provider.asked) {
    assert.ok(!JSON.stringify(asked).includes('canary'))
    assert.equal(asked.headers.authorization, 'Bearer sk-operator-openai')
  }
})

test('a URL in the traffic is passed on as text and never opened', async (context) => {
  const canary = await pretendProvider(context, (response) => sendJson(response, 200, {}))
  const provider = await pretendProvider(context, (response) =>
    sendJson(response, 200, chatToolCall('fetch', JSON.stringify({ url: canary.url }))),
  )
  const image = { type: 'image_url', image_url: { url: `${canary.url}/cat.png` } }
  const exchange = anExchange({ model: 'gpt-4o', messages: [{ role: 'user', content: [image] }] })

  await replay(exchange, openArms(context, aConfig({ openai: provider.url, anthropic: provider.url })))

  assert.equal(provider.asked.length, 2)
  assert.equal(canary.connections, 0)
})

const unusable = [
  ['body_not_captured', { request: { body: aBody(null) } }],
  ['body_not_captured', { request: { body: aBody('{"model":"gp', { truncated: true }) } }],
  ['body_not_captured', { served: { answer: null } }],
  ['served_incomplete', { served: { end: 'client_aborted' } }],
  ['served_incomplete', { served: { end: 'upstream_aborted' } }],
  ['served_error', { served: { status: 429 } }],
  ['body_not_json', { request: { body: aBody('[1]') } }],
  ['body_not_json', { request: { body: aBody('AAAA', { encoding: 'base64' }) } }],
] as const

for (const [reason, changes] of unusable) {
  test(`an exchange that cannot be replayed costs nothing and says ${reason}: ${JSON.stringify(changes).slice(0, 60)}`, async (context) => {
    const provider = await pretendProvider(context, answersChat)
    const set = await replay(anExchange(undefined, changes), openArms(context, aConfig({ openai: provider.url })))
    assert.deepEqual(
      set.observations.map(({ arm, outcome, notAskedReason }) => [arm, outcome, notAskedReason]),
      ['control', 'mini'].map((arm) => [arm, 'not_asked', reason]),
    )
    assert.equal(provider.asked.length, 0)
    assert.deepEqual(ObservationSet.parse(set), set)
  })
}

test('a candidate is asked on its routes only', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const candidates = [
    { name: 'everywhere', provider: 'openai', model: 'a' },
    { name: 'support-only', provider: 'openai', model: 'b', routes: ['support'] },
  ]
  const arms = openArms(context, aConfig({ openai: provider.url }, { candidates }))
  const armsAsked = async (route: string): Promise<string[]> =>
    (await replay(anExchange(undefined, { route }), arms)).observations.map(({ arm }) => arm)
  assert.deepEqual(await armsAsked('support'), ['control', 'everywhere', 'support-only'])
  assert.deepEqual(await armsAsked('default'), ['control', 'everywhere'])
})

test('where no candidate wants the route nothing is asked and the exchange is still in the ledger', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const candidates = [{ name: 'support-only', provider: 'openai', model: 'b', routes: ['support'] }]
  for (const [control, expected] of [
    [{ provider: 'openai' }, [['control', 'no_pair']]],
    [false, [['support-only', 'route_not_selected']]],
  ] as const) {
    const arms = openArms(context, aConfig({ openai: provider.url }, { control, candidates }))
    const set = await replay(anExchange(), arms)
    assert.deepEqual(
      set.observations.map(({ arm, notAskedReason }) => [arm, notAskedReason]),
      expected,
    )
  }
  assert.equal(provider.asked.length, 0)
})

test('a provider sees no exchange of a route that it is not given', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const config = aConfig({ openai: provider.url })
  const guarded = { ...config.providers['openai']!, routes: ['public'] }
  const elsewhere = { ...config, providers: { ...config.providers, guarded } }
  const candidates = [{ ...config.candidates[0]!, provider: 'guarded' }]
  const arms = openArms(context, { ...elsewhere, candidates })

  const kept = await replay(anExchange(undefined, { route: 'patients' }), arms)
  assert.deepEqual(
    kept.observations.map(({ arm, notAskedReason }) => [arm, notAskedReason]),
    [
      ['control', 'no_pair'],
      ['mini', 'route_not_selected'],
    ],
  )
  assert.equal(provider.asked.length, 0)
  const shown = await replay(anExchange(undefined, { route: 'public' }), arms)
  assert.ok(shown.observations.every(({ outcome }) => outcome === 'answered'))
})

test('the time to get a connection is kept apart from the time to the first token', async (context) => {
  const provider = await pretendProvider(context, answersChat)
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }))
  const first = observationOf(await replay(anExchange(), arms), 'mini')
  assert.ok(first.connectMs! > 0)
})
