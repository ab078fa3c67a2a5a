import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLanes } from '../../../../shared/log/kafka/lanes.ts'
import { type LogRecord } from '../../../../shared/log/topic-log.ts'

const record = (key: string, bytes = 1): LogRecord => ({ key, value: 'x'.repeat(bytes) })
const never = Infinity
const late = () => new Error('late')

/** Sends that end when the test says so, or fail. */
function aBroker(refuses: (keys: string[]) => boolean = () => false) {
  const sends: { topic: string; keys: string[]; end: () => void }[] = []
  const send = async (topic: string, records: LogRecord[]): Promise<void> => {
    const keys = records.map(({ key }) => key)
    const ended = Promise.withResolvers<void>()
    sends.push({ topic, keys, end: ended.resolve })
    await ended.promise
    if (refuses(keys)) throw new Error(`refused ${keys.join()}`)
  }
  return { sends, send }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what comes in one turn goes at once, and what comes while it is on its way goes together', async () => {
  const { sends, send } = aBroker()
  const lanes = createLanes({ send, maxBytes: 1_000, late })
  const all = [lanes('exchanges', [record('a')], never)]
  await turn()
  all.push(...['b', 'c', 'd'].map((key) => lanes('exchanges', [record(key)], never)))
  assert.deepEqual(
    sends.map(({ keys }) => keys),
    [['a']],
  )
  sends[0]!.end()
  await turn()
  assert.deepEqual(
    sends.map(({ keys }) => keys),
    [['a'], ['b', 'c', 'd']],
  )
  sends[1]!.end()
  await Promise.all(all)
  const later = lanes('exchanges', [record('e')], never)
  await turn()
  assert.deepEqual(sends[2]!.keys, ['e'])
  sends[2]!.end()
  await later
})

test('topics do not wait for one another, and no send is larger than it may be but for one publish', async () => {
  const { sends, send } = aBroker()
  const lanes = createLanes({ send, maxBytes: 10, late })
  const first = [lanes('exchanges', [record('a')], never), lanes('ledger', [record('b')], never)]
  await turn()
  const all = [
    ...first,
    ...['c', 'd', 'e'].map((key) => lanes('exchanges', [record(key, 4)], never)),
    lanes('exchanges', [record('f', 100)], never),
  ]
  for (let at = 0; at < 5; at++) {
    sends[at]!.end()
    await turn()
  }
  await Promise.all(all)
  assert.deepEqual(
    sends.map(({ topic, keys }) => `${topic} ${keys.join('')}`),
    ['exchanges a', 'ledger b', 'exchanges cd', 'exchanges e', 'exchanges f'],
  )
})

test('a publish whose record is refused fails alone', async () => {
  const { sends, send } = aBroker((keys) => keys.includes('bad'))
  const lanes = createLanes({ send, maxBytes: 1_000, late })
  const all = ['a', 'b', 'bad', 'c'].map((key) => lanes('exchanges', [record(key)], never))
  const endings = Promise.allSettled(all)
  await turn()
  for (let at = 0; at < 5; at++) {
    sends[at]!.end()
    await turn()
  }
  assert.deepEqual(
    (await endings).map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
})

test('what comes to its deadline before its turn is told so and is not sent, and others are', async () => {
  const { sends, send } = aBroker()
  const lanes = createLanes({ send, maxBytes: 1_000, late })
  const first = lanes('exchanges', [record('a')], never)
  await turn()
  const all = [
    lanes('exchanges', [record('later')], performance.now() + 40),
    lanes('exchanges', [record('late')], performance.now() + 20),
  ]
  const last = lanes('exchanges', [record('b')], never)
  const endings = await Promise.allSettled(all)
  assert.deepEqual(
    endings.map((ending) => (ending as PromiseRejectedResult).reason.message),
    ['late', 'late'],
  )
  sends[0]!.end()
  await turn()
  sends[1]!.end()
  await Promise.all([first, last])
  assert.deepEqual(
    sends.map(({ keys }) => keys),
    [['a'], ['b']],
  )
})

test('whoever waits for a send that does not end is told at the deadline, and what comes after goes on', async () => {
  const { sends, send } = aBroker()
  const lanes = createLanes({ send, maxBytes: 1_000, late })
  await assert.rejects(lanes('exchanges', [record('a')], performance.now() + 20), { message: 'late' })
  const next = lanes('exchanges', [record('b')], never)
  sends[0]!.end()
  await turn()
  sends[1]!.end()
  await next
})
