import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { onAbort } from '../../../shared/providers/on-abort.ts'

test('all who wait for a signal are called once, in the order they came, by one listener', () => {
  const controller = new AbortController()
  const called: number[] = []
  for (const nth of [1, 2, 3]) onAbort(controller.signal, () => called.push(nth))
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1)
  controller.abort()
  controller.abort()
  assert.deepEqual(called, [1, 2, 3])
})

test('who no longer waits is not called, and keeps nobody else from being called', () => {
  const controller = new AbortController()
  const called: string[] = []
  const leave = onAbort(controller.signal, () => called.push('left'))
  onAbort(controller.signal, () => called.push('stayed'))
  leave()
  controller.abort()
  leave()
  assert.deepEqual(called, ['stayed'])
})

test('one who is called may let others go', () => {
  const controller = new AbortController()
  const called: string[] = []
  onAbort(controller.signal, () => {
    called.push('first')
    leaveSecond()
  })
  const leaveSecond = onAbort(controller.signal, () => called.push('second'))
  controller.abort()
  assert.deepEqual(called, ['first'])
})

test('what left is young garbage, however long the signal lives', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const oldBytes = (): number =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size
  const { signal } = new AbortController()
  const pass = (calls: number): void => {
    for (let call = 0; call < calls; call++) {
      const held = Array.from({ length: 128 }, () => call)
      onAbort(signal, () => held.pop())()
    }
    collect({ type: 'minor' })
  }
  // Whatever lives as long as the signal grows old first.
  for (let round = 0; round < 3; round++) pass(1)
  collect()
  const before = oldBytes()
  for (let round = 0; round < 20; round++) pass(1_000)
  const grownKb = (oldBytes() - before) / 1024
  assert.ok(grownKb < 500, `20,000 calls of 1 kB left ${grownKb.toFixed(0)} kB behind`)
})
