import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { pino } from 'pino'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { aConfig, anExchange, observationOf, openArms, replay } from './builders.ts'
import { chatCompletion, chatError, pretendProvider, sendJson } from './pretend-provider.ts'

function memoryLogger() {
  const lines: { level: number; msg: string; arm: string; reason: string }[] = []
  const sink = new Writable({
    write(line: Buffer, _, done) {
      lines.push(JSON.parse(line.toString()))
      done()
    },
  })
  return { lines, logger: pino(sink) }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

const candidate = (changes: object) => ({ candidates: [{ name: 'one', provider: 'openai', model: 'm', ...changes }] })
const reasonsOf = (sets: Awaited<ReturnType<typeof replay>>[], arm: string) =>
  sets.map((set) => observationOf(set, arm).notAskedReason)

test('no more calls are in flight than the arm’s concurrency allows', async (context) => {
  const provider = await pretendProvider(context, (response) => {
    setTimeout(() => sendJson(response, 200, chatCompletion('Blue.')), 10)
  })
  const changes = { control: false, ...candidate({ limits: { concurrency: 2 } }) }
  const arms = openArms(context, aConfig({ openai: provider.url }, changes))
  const sets = await Promise.all(Array.from({ length: 9 }, () => replay(anExchange(), arms)))
  assert.equal(provider.mostAtOnce, 2)
  assert.ok(sets.every((set) => observationOf(set, 'one').outcome === 'answered'))
})

test('exchanges that need the same arms in different numbers never block one another', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const limits = { concurrency: 1 }
  const candidates = [
    { name: 'a', provider: 'openai', model: 'a', limits, routes: ['x', 'y'] },
    { name: 'b', provider: 'openai', model: 'b', limits, routes: ['y', 'z'] },
    { name: 'c', provider: 'openai', model: 'c', limits, routes: ['z', 'x'] },
  ]
  const arms = openArms(
    context,
    aConfig({ openai: provider.url }, { control: { provider: 'openai', limits }, candidates }),
  )
  const sets = await Promise.all(
    Array.from({ length: 30 }, (_, nth) => replay(anExchange(undefined, { route: 'xyz'[nth % 3] }), arms)),
  )
  assert.ok(sets.every(({ observations }) => observations.every(({ outcome }) => outcome === 'answered')))
  assert.equal(provider.asked.length, 90)
})

test('a spent budget pauses the arm until midnight UTC, says so once, and spares the control', async (context) => {
  let now = new Date('2026-03-01T12:00:00Z')
  const { lines, logger } = memoryLogger()
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  // Each answer costs four dollars.
  const config = aConfig({ openai: provider.url }, candidate({ budgetUsdPerDay: 7 }))
  const arms = openArms(context, config, { logger, now: () => now })

  const sets = []
  for (let i = 0; i < 5; i++) sets.push(await replay(anExchange(), arms))
  const spent = 'budget_reached'
  assert.deepEqual(reasonsOf(sets, 'one'), [null, null, spent, spent, spent])
  assert.deepEqual(reasonsOf(sets, 'control'), [null, null, 'no_pair', 'no_pair', 'no_pair'])
  assert.equal(provider.asked.length, 4)
  assert.deepEqual(
    lines.map(({ arm, reason }) => [arm, reason]),
    [['one', spent]],
  )

  now = new Date('2026-03-02T00:00:01Z')
  assert.deepEqual(reasonsOf([await replay(anExchange(), arms)], 'one'), [null])
})

test('a hundred exchanges at once spend a budget and one call at most', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const changes = { control: false, ...candidate({ budgetUsdPerDay: 21, limits: { concurrency: 100 } }) }
  const arms = openArms(context, aConfig({ openai: provider.url }, changes))
  await Promise.all(Array.from({ length: 100 }, () => replay(anExchange(), arms)))
  assert.equal(provider.asked.length, 6)
})

test('a budget that cannot be counted is not spent', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const config = aConfig({ openai: provider.url }, candidate({ model: 'unpriced-model', budgetUsdPerDay: 5 }))
  const set = await replay(anExchange(), openArms(context, config))
  assert.equal(observationOf(set, 'one').notAskedReason, 'unpriced')
  assert.equal(provider.asked.length, 0)
})

test('an arm without a budget is asked at a price nobody knows', async (context) => {
  const provider = await pretendProvider(context, (response) =>
    sendJson(response, 200, chatCompletion('Blue.', 'unpriced-model')),
  )
  const set = await replay(
    anExchange(),
    openArms(context, aConfig({ openai: provider.url }, candidate({ model: 'unpriced-model' }))),
  )
  assert.deepEqual([observationOf(set, 'one').outcome, observationOf(set, 'one').costUsd], ['answered', null])
})

test('a rejected key stops the calls to its provider, is told loudly, and no exchange is lost', async (context) => {
  let now = new Date('2026-03-01T12:00:00Z')
  let accepted = false
  const { lines, logger } = memoryLogger()
  const provider = await pretendProvider(context, (response) =>
    accepted ? sendJson(response, 200, chatCompletion('Blue.')) : sendJson(response, 401, chatError('invalid_api_key')),
  )
  const config = aConfig({ openai: provider.url }, { control: false, ...candidate({}) })
  const arms = openArms(context, config, { logger, now: () => now })
  const first = replay(anExchange(), arms)
  await until(() => lines.length === 1)
  const others = Array.from({ length: 5 }, () => replay(anExchange(), arms))

  accepted = true
  now = new Date(now.getTime() + 30_001)
  const sets = await Promise.all([first, ...others])
  assert.ok(sets.every((set) => observationOf(set, 'one').outcome === 'answered'))
  assert.equal(provider.asked.length, 1 + 6)
  assert.deepEqual([lines[0]!.level, lines[0]!.reason], [50, 'credentials_rejected'])
  assert.match(lines[0]!.msg, /correct apiKey/)
  assert.ok(!JSON.stringify(lines).includes('sk-operator'))
})

test('a provider that fails call after call is left alone, and then tried with one exchange', async (context) => {
  let now = new Date('2026-03-01T12:00:00Z')
  let isDown = true
  const { lines, logger } = memoryLogger()
  const provider = await pretendProvider(context, (response) =>
    isDown
      ? sendJson(response, 500, chatError('server_error'), { 'x-should-retry': 'false' })
      : sendJson(response, 200, chatCompletion('Blue.')),
  )
  const config = aConfig({ openai: provider.url }, { control: false, ...candidate({}) })
  const arms = openArms(context, config, { logger, now: () => now })
  for (let nth = 0; nth < 5; nth++)
    assert.equal(observationOf(await replay(anExchange(), arms), 'one').outcome, 'failed')
  const waiting = Array.from({ length: 4 }, () => replay(anExchange(), arms))
  now = new Date(now.getTime() + 30_001)
  await until(() => lines.length === 2)
  assert.equal(provider.asked.length, 6)

  isDown = false
  now = new Date(now.getTime() + 60_001)
  const outcomes = (await Promise.all(waiting)).map((set) => observationOf(set, 'one').outcome)
  assert.deepEqual(outcomes.toSorted(), ['answered', 'answered', 'answered', 'failed'])
})

test('a paused arm’s exchanges wait, and go on when it is resumed', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const state = openLocalState({ file: ':memory:' })
  context.after(() => state.close())
  const arms = openArms(context, aConfig({ openai: provider.url }), { state })
  state.setPaused('mini', true)
  const set = replay(anExchange(), arms)
  await sleep(120)
  assert.equal(provider.asked.length, 0)
  assert.deepEqual(state.paused(), ['mini'])
  state.setPaused('mini', false)
  assert.equal(observationOf(await set, 'mini').outcome, 'answered')
})

test('an exchange that waits for a paused arm is given back when the stage stops', async (context) => {
  const state = openLocalState({ file: ':memory:' })
  context.after(() => state.close())
  const arms = openArms(context, aConfig({ openai: 'http://127.0.0.1:1' }), { state })
  state.setPaused('mini', true)
  const stop = new AbortController()
  const set = replay(anExchange(), arms, { draining: stop.signal })
  setTimeout(() => stop.abort(), 10)
  await assert.rejects(set, { code: 'STAGE_STOPPING' })
})

test('an unknown model pauses its arm alone, and each exchange says so', async (context) => {
  const provider = await pretendProvider(context, (response, { body }) =>
    body.model === 'm'
      ? sendJson(response, 404, chatError('model_not_found'))
      : sendJson(response, 200, chatCompletion('Blue.')),
  )
  const candidates = ['m', 'good'].map((model) => ({ name: model, provider: 'openai', model }))
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false, candidates }))
  const sets = []
  for (let i = 0; i < 5; i++) sets.push(await replay(anExchange(), arms))
  assert.deepEqual(reasonsOf(sets, 'm'), Array(5).fill('model_not_found'))
  assert.deepEqual(reasonsOf(sets, 'good'), Array(5).fill(null))
  assert.equal(provider.asked.length, 3 + 5)
})

test('a candidate that keeps failing by itself is asked every time', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 400, chatError('too_long')))
  const config = aConfig({ openai: provider.url }, { control: false, ...candidate({}) })
  const arms = openArms(context, config)
  for (let i = 0; i < 8; i++) await replay(anExchange(), arms)
  assert.equal(provider.asked.length, 8)
})

test('an answer that is paid for is kept where the books cannot be written', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const { lines, logger } = memoryLogger()
  const state = openLocalState({ file: ':memory:' })
  context.after(() => state.close())
  const full = () => {
    throw new Error('disk full')
  }
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }), {
    logger,
    state: { ...state, note: full },
  })
  assert.equal(observationOf(await replay(anExchange(), arms), 'mini').outcome, 'answered')
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['how a call ended could not be written down'],
  )
})

test('candidates go on with the control when another one has been paused for too long, and nothing counts against it', async (context) => {
  const { lines, logger } = memoryLogger()
  const provider = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Blue.')))
  const candidates = ['one', 'two'].map((name) => ({ name, provider: 'openai', model: name }))
  const state = openLocalState({ file: ':memory:' })
  context.after(() => state.close())
  state.setPaused('one', true)
  const config = aConfig({ openai: provider.url }, { candidates })
  const arms = openArms(context, config, { state, logger, armWaitMs: 0 })

  const sets = [await replay(anExchange(), arms), await replay(anExchange(), arms)]
  for (const set of sets) {
    assert.deepEqual(
      set.observations.map(({ arm, outcome, notAskedReason }) => [arm, outcome, notAskedReason]),
      [
        ['control', 'answered', null],
        ['one', 'not_asked', 'paused'],
        ['two', 'answered', null],
      ],
    )
  }
  assert.deepEqual(
    lines.map(({ arm, reason }) => [arm, reason]),
    [['one', 'paused']],
  )
  state.setPaused('one', false)
  assert.deepEqual(reasonsOf([await replay(anExchange(), arms)], 'one'), [null])
})
