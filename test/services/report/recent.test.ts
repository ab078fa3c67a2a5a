import { equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { createRecent } from '../../../services/report/recent.ts'

test('two who ask at the same time cost one load, and later ones are answered from memory until it is old', async () => {
  let [nowMs, loads] = [0, 0]
  const recent = createRecent<number>(10, () => nowMs)
  const load = () => Promise.resolve((loads += 1))

  equal((await Promise.all([recent('a', load), recent('a', load)])).join(), '1,1')
  nowMs = 9
  equal(await recent('a', load), 1)
  equal(await recent('b', load), 2)
  nowMs = 10
  equal(await recent('a', load), 3)
})

test('a failure is not kept', async () => {
  const recent = createRecent<number>(10, () => 0)

  await rejects(recent('a', () => Promise.reject(new Error('store is down'))))
  await new Promise(setImmediate)

  equal(await recent('a', () => Promise.resolve(7)), 7)
})

test('what took long to load is kept twenty times as long', async () => {
  let [nowMs, loads] = [0, 0]
  const recent = createRecent<number>(10, () => nowMs)
  const slowLoad = () => {
    nowMs += 100
    return Promise.resolve((loads += 1))
  }

  await recent('a', slowLoad)
  nowMs = 2_099
  equal(await recent('a', slowLoad), 1)
  nowMs = 2_100
  equal(await recent('a', slowLoad), 2)
})
