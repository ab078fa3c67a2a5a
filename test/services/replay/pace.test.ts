import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createPace } from '../../../services/replay/pace.ts'
import { type Config, Replay } from '../../../shared/config/schema.ts'

const goingOn = new AbortController().signal
const at = (ms: number): string => new Date(Date.UTC(2026, 10, 20) + ms).toISOString()

/** A clock that is where whoever waits on it wants it to be. */
function aClock() {
  const clock = {
    ms: 5_000,
    nowMs: () => clock.ms,
    wait(waitMs: number): Promise<void> {
      clock.ms += waitMs
      return Promise.resolve()
    },
  }
  return clock
}

async function turns(pace: Config['replay']['pace'], capturedMs: number[], tookMs = 0): Promise<number[]> {
  const clock = aClock()
  const turn = createPace(pace, clock)
  const begun: number[] = []
  for (const ms of capturedMs) {
    await turn(at(ms), goingOn)
    begun.push(clock.ms - 5_000)
    clock.ms += tookMs
  }
  return begun
}

test('live keeps the gaps of the capture, a multiple divides them, and asap has none', async () => {
  const captured = [0, 100, 100, 3_600_000]
  assert.deepEqual(await turns('live', captured), captured)
  assert.deepEqual(await turns('4x', captured), [0, 25, 25, 900_000])
  assert.deepEqual(await turns('0.5x', captured), [0, 200, 200, 7_200_000])
  assert.deepEqual(await turns('asap', captured), [0, 0, 0, 0])
})

test('what is late is begun at once, and what comes after it keeps its own time', async () => {
  assert.deepEqual(await turns('live', [0, 10, 20, 1_000], 300), [0, 300, 600, 1_000])
  assert.deepEqual(await turns('live', [1_000, 0, 2_000]), [0, 0, 1_000])
})

test('law: nothing begins before its time, and with no work of its own exactly then', async () => {
  const gaps = fc.array(fc.nat(10_000_000), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(gaps, fc.integer({ min: 1, max: 64 }), fc.nat(1_000), async (all, speed, tookMs) => {
      let sum = 0
      const captured = all.map((gap) => (sum += gap))
      const due = captured.map((ms) => (ms - captured[0]!) / speed)
      const close = (a: number, b: number) => Math.abs(a - b) < 1e-3
      const free = await turns(`${speed}x`, captured)
      assert.ok(free.every((ms, nth) => close(ms, due[nth]!)))
      const busy = await turns(`${speed}x`, captured, tookMs)
      assert.ok(busy.every((ms, nth) => ms >= due[nth]! - 1e-3))
    }),
  )
})

test('a pace that is none is refused', () => {
  for (const pace of ['asap', 'live', '1x', '2.5x', '0.1x', '1000x']) assert.ok(Replay.parse({ pace }))
  for (const pace of ['fast', '0x', '0.0x', '-1x', 'x', '4', '4 x', '99999x']) {
    assert.throws(() => Replay.parse({ pace }), /expected asap, live, or a multiple such as 4x/, pace)
  }
})
