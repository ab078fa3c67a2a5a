import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createLimiter } from '../../../services/replay/limits.ts'

const open = new AbortController().signal
const unlimited = { concurrency: 1000, requestsPerMinute: undefined, tokensPerMinute: undefined }

test('no more calls than places are inside at once, and those who wait come in order', async () => {
  const limiter = createLimiter({ concurrency: 3 })
  let inside = 0
  let most = 0
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 20 }, async (_, nth) => {
      await limiter.enter(1, open)
      most = Math.max(most, ++inside)
      order.push(nth)
      await sleep(2)
      inside--
      limiter.leave(0)
    }),
  )
  assert.equal(most, 3)
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
})

test('a place given up by an aborted wait is not lost', async () => {
  const limiter = createLimiter({ concurrency: 1 })
  await limiter.enter(1, open)
  const impatient = new AbortController()
  const waiting = limiter.enter(1, impatient.signal)
  impatient.abort()
  await assert.rejects(waiting, { code: 'STAGE_STOPPING' })
  const patient = limiter.enter(1, open)
  limiter.leave(0)
  await patient
  limiter.leave(0)
  await limiter.enter(1, open)
})

test('an abort while waiting for the rate gives the place back', async () => {
  let clockMs = 0
  const limiter = createLimiter({ concurrency: 1, requestsPerMinute: 1 }, () => clockMs)
  await limiter.enter(1, open)
  limiter.leave(0)
  const impatient = new AbortController()
  const waiting = limiter.enter(1, impatient.signal)
  setTimeout(() => impatient.abort(), 5)
  await assert.rejects(waiting, { code: 'STAGE_STOPPING' })
  clockMs = 180_000
  await limiter.enter(1, open)
})

test('requests beyond ten seconds’ worth wait for the rate', async () => {
  const limiter = createLimiter({ ...unlimited, requestsPerMinute: 600 })
  const waits = await Promise.all(Array.from({ length: 103 }, () => limiter.enter(1, open)))
  assert.ok(Math.max(...waits.slice(0, 99)) < 150, 'the first hundred go at once')
  assert.ok(waits[102]! > 150, `the 103rd waited ${waits[102]} ms`)
})

test('a call larger than the bucket passes alone, and the next one waits for it', async () => {
  const limiter = createLimiter({ ...unlimited, tokensPerMinute: 6_000_000 })
  assert.ok((await limiter.enter(1_020_000, open)) < 150)
  const waitedMs = await limiter.enter(1, open)
  assert.ok(waitedMs > 150, `waited ${waitedMs} ms`)
})

test('tokens that were counted too high are given back', async () => {
  const limiter = createLimiter({ ...unlimited, tokensPerMinute: 600 })
  await limiter.enter(10_000, open)
  limiter.leave(10_000)
  assert.ok((await limiter.enter(1, open)) < 20)
})

test('a held arm lets nothing through before its time', async () => {
  const limiter = createLimiter(unlimited)
  limiter.hold(60)
  limiter.hold(10)
  assert.ok((await limiter.enter(1, open)) >= 58)
})

test('law: in any minute no more requests start than the rate plus its burst', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Low rates, so that whoever must wait does so for a third of a second and more.
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 60 }),
      async (burst, calls) => {
        const perMinute = 6 * burst
        const clock = 1000
        const limiter = createLimiter({ ...unlimited, requestsPerMinute: perMinute }, () => clock)
        const stop = new AbortController()
        let through = 0
        const all = Array.from({ length: calls }, () =>
          limiter.enter(1, stop.signal).then(
            () => through++,
            () => {},
          ),
        )
        // The clock stands still, so only the burst may pass; timers of the others are cut off.
        await new Promise((resolve) => setImmediate(resolve))
        stop.abort()
        await Promise.all(all)
        assert.equal(through, Math.min(calls, burst))
      },
    ),
    { numRuns: 30 },
  )
})
