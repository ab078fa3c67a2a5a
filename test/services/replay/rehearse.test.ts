import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { Gates } from '../../../shared/config/schema.ts'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { type Reply } from '../../../shared/providers/adapter.ts'
import {
  type Arrival,
  brokenGates,
  highestThatHolds,
  rehearse,
  type Rehearsal,
} from '../../../services/replay/rehearse.ts'
import { chatCompletion, chatError } from './pretend-provider.ts'

const going = new AbortController().signal
const gates = Gates.parse(undefined)

function aReply(status: number, body: object): Reply {
  const bytes = Buffer.from(JSON.stringify(body))
  const answer = readAnswer('openai-chat', { status, contentType: 'application/json' }, bytes)
  const times = { connectMs: 0, ttftMs: 40, totalMs: 50, retryAfterMs: null, retryAdvised: null }
  return { end: 'complete', status, streamed: false, answer, sizeBytes: bytes.length, chunks: [], ...times }
}

const good = aReply(200, chatCompletion('Blue.'))

function everyMs(gapMs: number, count: number, ask: Arrival['ask'] = () => Promise.resolve(good)): Arrival[] {
  return Array.from({ length: count }, (_, nth) => ({ offsetMs: nth * gapMs, ask }))
}

const aRehearsal = (changes: Partial<Rehearsal> = {}): Rehearsal => ({
  speed: 1,
  offeredPerSecond: 1,
  answeredPerSecond: 1,
  calls: 10,
  failures: {},
  errorRate: 0,
  ttftP50Ms: 100,
  ttftP95Ms: 200,
  mostInFlight: 1,
  lateP99Ms: 0,
  budgetReached: false,
  ...changes,
})

test('a recording is offered faster, and begins anew when it is too short', async () => {
  // Forty seconds a round, a thousand times faster.
  const seen = await rehearse(everyMs(10_000, 4), { speed: 1000, forMs: 200, mayAsk: () => true, signal: going })
  assert.equal(seen.calls, 20)
  assert.deepEqual([seen.failures, seen.errorRate, seen.ttftP50Ms, seen.ttftP95Ms], [{}, 0, 40, 40])
})

test('calls begin when they are due, however long earlier ones take', async () => {
  const slow = everyMs(10, 20, async () => {
    await sleep(400)
    return good
  })
  const seen = await rehearse(slow, { speed: 1, forMs: 200, mayAsk: () => true, signal: going })
  assert.deepEqual([seen.calls, seen.mostInFlight], [20, 20])
})

test('failures are counted by kind', async () => {
  let nth = 0
  const half = everyMs(1, 10, () =>
    Promise.resolve(nth++ % 2 === 0 ? good : aReply(429, chatError('rate_limit_exceeded'))),
  )
  const seen = await rehearse(half, { speed: 1, forMs: 10, mayAsk: () => true, signal: going })
  assert.deepEqual([seen.calls, seen.failures, seen.errorRate], [10, { rate_limited: 5 }, 0.5])
})

test('a spent budget and an interruption end it', async () => {
  let left = 3
  const poor = await rehearse(everyMs(1, 100), { speed: 1, forMs: 100, mayAsk: () => left-- > 0, signal: going })
  assert.deepEqual([poor.calls, poor.budgetReached], [3, true])
  const stop = new AbortController()
  stop.abort()
  const cut = await rehearse(everyMs(1000, 9), { speed: 1, forMs: 9000, mayAsk: () => true, signal: stop.signal })
  assert.equal(cut.calls, 0)
})

test('a load breaks the gates that it passes; without figures it keeps none', () => {
  const served = { p50Ms: 100, p95Ms: 200 }
  assert.deepEqual(brokenGates(aRehearsal(), served, gates), [])
  assert.deepEqual(brokenGates(aRehearsal({ ttftP95Ms: 401, errorRate: 0.06 }), served, gates), ['ttftP95', 'errors'])
  assert.deepEqual(brokenGates(aRehearsal({ ttftP50Ms: null }), { p50Ms: null, p95Ms: 200 }, gates), ['ttftP50'])
})

test('the highest load is below the first one that breaks a gate', () => {
  const served = { p50Ms: 100, p95Ms: 200 }
  const [one, two, four] = [1, 2, 4].map((speed) => aRehearsal({ speed, offeredPerSecond: speed }))
  assert.equal(highestThatHolds([four!, one!, two!], served, gates), four)
  // A lucky measurement above one that broke proves nothing.
  assert.equal(highestThatHolds([one!, { ...two!, errorRate: 1 }, four!], served, gates), one)
  assert.equal(highestThatHolds([{ ...one!, errorRate: 1 }], served, gates), null)
})

/** Time that passes by as much as each call takes to begin. */
function slowly(tookMs: number, forCalls: number) {
  const seen = { begun: 0, timeMs: 0 }
  const options = {
    speed: 1,
    forMs: 10_000,
    signal: going,
    mayAsk: () => seen.begun < forCalls,
    nowMs: () => seen.timeMs,
  }
  const begin = (): number => {
    seen.timeMs += tookMs
    return seen.begun++
  }
  return { seen, options, begin }
}

test('what falls due while answers are read begins among them, however many they are', async () => {
  const { seen, options, begin } = slowly(2, 90)
  const answers: (() => void)[] = []
  const begunAmongAnswers: number[] = []
  const ask = (): Promise<Reply> => {
    // The first thirty are answered in one go; the later ones at once.
    if (begin() === 29) {
      setImmediate(() => {
        const before = seen.begun
        for (const answer of answers.splice(0)) answer()
        setImmediate(() => begunAmongAnswers.push(seen.begun - before))
      })
    }
    return seen.begun > 30 ? Promise.resolve(good) : new Promise((resolve) => answers.push(() => resolve(good)))
  }
  await rehearse(everyMs(0, 90, ask), options)
  assert.equal(seen.begun, 90)
  assert.ok(begunAmongAnswers[0]! >= 30, `${begunAmongAnswers[0]} calls begun among 30 answers`)
})

test('answers are read between calls that end at once, however late these are', async () => {
  const { seen, options, begin } = slowly(2, 30)
  let begunWhenRead = 0
  const ask = (): Promise<Reply> => {
    if (begin() === 0) setImmediate(() => (begunWhenRead = seen.begun))
    return Promise.resolve(good)
  }
  await rehearse(everyMs(0, 30, ask), options)
  assert.deepEqual([seen.begun, begunWhenRead], [30, 1])
})
