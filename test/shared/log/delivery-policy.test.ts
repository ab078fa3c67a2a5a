import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pino } from 'pino'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { deliver, type DeliveryPolicy } from '../../../shared/log/delivery-policy.ts'
import { decodeMessage } from '../../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type Topic } from '../../../shared/log/topic-log.ts'

function aBatch(size: number, topic: Topic = 'exchanges'): Delivery[] {
  return Array.from({ length: size }, (_, index) => ({
    topic,
    partition: 3,
    offset: String(index),
    key: `key-${index}`,
    value: Buffer.from('canary-payload'),
    headers: {},
    publishedAtMs: 0,
  }))
}

/** A policy whose dead letters and log lines are kept. */
function aPolicy(handle: DeliveryPolicy['handle'], refuse: (record: LogRecord) => unknown = () => undefined) {
  const letters: DeadLetter[] = []
  const lines: string[] = []
  const policy: DeliveryPolicy = {
    group: 'compare',
    handle,
    logger: pino({ level: 'trace' }, new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) })),
    publishDeadLetter: async (record) => {
      const err = refuse(record)
      if (err) throw err
      letters.push(decodeMessage(DeadLetter, record.value))
    },
  }
  return { policy, letters, lines }
}

const held = () => ({ signal: new AbortController().signal, mayRetry: () => true })

test('only the record that fails by itself becomes a dead letter, and the order is kept', async () => {
  const handled: string[] = []
  const { policy, letters, lines } = aPolicy(async (batch) => {
    if (batch.some((delivery) => delivery.offset === '1'))
      throw new TypeError('cannot read canary-payload\n    at evil')
    handled.push(...batch.map((delivery) => delivery.offset))
  })
  assert.equal(await deliver(aBatch(4), policy, held()), 4)
  assert.deepEqual(handled, ['0', '2', '3'])
  assert.equal(letters.length, 1)
  assert.equal(letters[0]!.offset, '1')
  assert.equal(letters[0]!.attempts, 3, 'among four, among two, alone')
  assert.match(letters[0]!.message, /TypeError at .*delivery-policy\.test\.ts/)
  assert.doesNotMatch(letters[0]!.message + lines.join(), /canary-payload|evil/)
})

test('a stage that the log does not let publish keeps its records until it may', async () => {
  let refusals = 2
  const { policy, letters, lines } = aPolicy(async () => {
    if (refusals-- > 0) throw new UnderstudyError('LOG_REFUSED', 'Kafka does not allow this: check the ACLs.')
  })
  assert.equal(await deliver(aBatch(4), policy, held()), 4)
  assert.deepEqual(letters, [])
  assert.equal(lines.filter((line) => line.includes('LOG_REFUSED') && line.includes('check the ACLs')).length, 2)
})

test('one bad record among many is found in few attempts, and the others are handled once', async () => {
  let attempts = 0
  const handled: string[] = []
  const { policy, letters } = aPolicy(async (batch) => {
    attempts++
    if (batch.some((delivery) => delivery.offset === '700')) throw new TypeError('bad')
    handled.push(...batch.map((delivery) => delivery.offset))
  })
  assert.equal(await deliver(aBatch(1024), policy, held()), 1024)
  assert.deepEqual([letters.length, handled.length, new Set(handled).size], [1, 1023, 1023])
  assert.ok(attempts <= 2 * 10 + 1, `${attempts} attempts`)
})

test('the same failure gives the same dead letter id, another group another', async () => {
  const { policy, letters } = aPolicy(() => Promise.reject(new UnderstudyError('MESSAGE_MALFORMED', 'bad shape')))
  await deliver(aBatch(1), policy, held())
  await deliver(aBatch(1), policy, held())
  await deliver(aBatch(1), { ...policy, group: 'record' }, held())
  assert.equal(letters[0]!.deadLetterId, letters[1]!.deadLetterId)
  assert.notEqual(letters[0]!.deadLetterId, letters[2]!.deadLetterId)
  assert.equal(letters[0]!.message, 'bad shape')
  assert.equal(letters[0]!.errorCode, 'MESSAGE_MALFORMED')
})

test('a handler that fails because it was stopped leaves its records unsettled and not dead', async () => {
  const stop = new AbortController()
  const { policy, letters } = aPolicy(async () => {
    stop.abort()
    throw new Error('aborted')
  })
  assert.equal(await deliver(aBatch(3), policy, { signal: stop.signal, mayRetry: () => true }), 0)
  assert.equal(letters.length, 0)
})

test('a stop between single records settles those before it', async () => {
  const stop = new AbortController()
  const { policy } = aPolicy(async (batch) => {
    if (batch.length > 1) throw new Error('not as a batch')
    if (batch[0]!.offset === '1') stop.abort()
  })
  assert.equal(await deliver(aBatch(4), policy, { signal: stop.signal, mayRetry: () => true }), 2)
})

test('a partition that is wanted elsewhere is not kept by retries', async () => {
  let calls = 0
  const { policy } = aPolicy(async () => {
    calls++
    throw new UnderstudyError('STORE_UNAVAILABLE', 'away')
  })
  assert.equal(await deliver(aBatch(2), policy, { ...held(), mayRetry: () => false }), 0)
  assert.equal(calls, 1)
})

test('a dead letter that cannot be published yet is tried again before the record is settled', async () => {
  let refusals = 0
  const { policy, letters } = aPolicy(
    () => Promise.reject(new Error('poison')),
    () => (refusals++ < 2 ? new UnderstudyError('LOG_UNAVAILABLE', 'away') : undefined),
  )
  assert.equal(await deliver(aBatch(1), policy, held()), 1)
  assert.equal(refusals, 3)
  assert.equal(letters.length, 1)
})

test('a record too large for a dead letter leaves one without its value', async () => {
  const { policy, letters } = aPolicy(
    () => Promise.reject(new UnderstudyError('MESSAGE_MALFORMED', 'bad shape.')),
    (record) => (record.value.length > 400 ? new UnderstudyError('LOG_RECORD_TOO_LARGE', 'too large') : undefined),
  )
  const [delivery] = aBatch(1)
  delivery!.value = Buffer.alloc(1_000)
  assert.equal(await deliver([delivery!], policy, held()), 1)
  assert.equal(letters[0]!.valueBase64, '')
  assert.match(letters[0]!.message, /Its 1000 bytes are too many for a dead letter/)
})

test('a poison dead letter is skipped: it would come back for ever', async () => {
  const { policy, letters, lines } = aPolicy(() => Promise.reject(new Error('poison')))
  assert.equal(await deliver(aBatch(2, 'dead-letters'), policy, held()), 2)
  assert.equal(letters.length, 0)
  assert.equal(lines.filter((line) => line.includes('"skipped":1')).length, 2)
})
