import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
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
