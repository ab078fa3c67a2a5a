import { equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { createRecent } from '../../../services/report/recent.ts'

test('two who ask at the same time cost one load, and later ones are answered from memory until it is old', async () => {
  let [nowMs, loads] = [0, 0]
  const recent = createRecent<number>(10, { now: () => nowMs })
  const load = () => Promise.resolve((loads += 1))

  equal((await Promise.all([recent('a', load), recent('a', load)])).join(), '1,1')
  nowMs = 9
  equal(await recent('a', load), 1)
  equal(await recent('b', load), 2)
  nowMs = 10
  equal(await recent('a', load), 3)
})

test('a failure is not kept', async () => {
  const recent = createRecent<number>(10, { now: () => 0 })

  await rejects(recent('a', () => Promise.reject(new Error('store is down'))))
  await new Promise(setImmediate)

  equal(await recent('a', () => Promise.resolve(7)), 7)
})

test('what took long to load is kept five times as long, but for the first time', async () => {
  let [nowMs, loads] = [0, 0]
  const recent = createRecent<number>(10, { now: () => nowMs })
  const slowLoad = () => {
    nowMs += 100
    return Promise.resolve((loads += 1))
  }

  await recent('a', slowLoad)
  nowMs = 109
  equal(await recent('a', slowLoad), 1)
  nowMs = 110
  equal(await recent('a', slowLoad), 2)
  nowMs = 709
  equal(await recent('a', slowLoad), 2)
  nowMs = 710
  equal(await recent('a', slowLoad), 3)
})

test('what takes long is given as it was while it is loaded anew, once, and not when it is too old', async () => {
  let [nowMs, loads] = [0, 0]
  const recent = createRecent<number>(10, { staleMs: 60_000, now: () => nowMs })
  let loaded = Promise.withResolvers<void>()
  const load = async () => {
    loads += 1
    const mine = loads
    await loaded.promise
    return mine
  }
  const first = recent('a', load)
  nowMs = 6_000
  loaded.resolve()
  equal(await first, 1)

  nowMs = 42_000
  loaded = Promise.withResolvers<void>()
  equal((await Promise.all([recent('a', load), recent('a', load)])).join(), '1,1')
  equal(loads, 2)
  nowMs = 48_000
  loaded.resolve()
  await new Promise(setImmediate)
  equal(await recent('a', load), 2)

  nowMs = 48_000 + 30_000 + 60_000
  equal(await recent('a', load), 3)
})

test('where loading anew fails what was known stays, and it is tried again', async () => {
  let nowMs = 0
  const recent = createRecent<number>(10, { staleMs: 60_000, now: () => nowMs })
  const slowly = (value: Promise<number>) => () => {
    nowMs += 6_000
    return value
  }
  equal(await recent('a', slowly(Promise.resolve(1))), 1)
  nowMs = 50_000
  equal(await recent('a', slowly(Promise.reject(new Error('store is down')))), 1)
  await new Promise(setImmediate)
  equal(await recent('a', slowly(Promise.resolve(2))), 1)
  await new Promise(setImmediate)
  equal(await recent('a', slowly(Promise.resolve(3))), 2)
})
