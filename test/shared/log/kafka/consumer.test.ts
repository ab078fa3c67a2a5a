import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnderstudyError } from '../../../../shared/errors.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { type MemberEvents, startConsumer } from '../../../../shared/log/kafka/consumer.ts'
import { explainKafka } from '../../../../shared/log/kafka/failures.ts'
import { eventually } from '../support.ts'

/** What kafkajs reports, without a broker: `retriable` false although a coordinator is soon found. */
const coordinatorMissing = Object.assign(new Error('Failed to find group coordinator'), {
  name: 'KafkaJSGroupCoordinatorNotFound',
  retriable: false,
})
const notAllowed = Object.assign(new Error('Not authorized'), { type: 'GROUP_AUTHORIZATION_FAILED', retriable: false })

/** A consumer whose joins are scripted: each step sees the events of its membership. */
async function aConsumer(...joins: ((events: MemberEvents) => void)[]) {
  const fatal: Error[] = []
  let joined = 0
  let left = 0
  const consumer = await startConsumer(
    { topics: ['exchanges'], group: 'replay', maxBatch: 1, handle: async () => {}, onFatal: (err) => fatal.push(err) },
    {
      prefix: 'test',
      heartbeatMs: 1_000,
      policy: {
        group: 'replay',
        handle: async () => {},
        logger: silentLogger,
        publishDeadLetter: async () => {},
      },
      join: async (groupId, topicNames, _gatherMs, events) => {
        assert.deepEqual([groupId, topicNames], ['test.replay', ['test.exchanges']])
        joins[joined++]?.(events)
        return { leave: async () => void left++ }
      },
      explain: (err, topicNames) => explainKafka(err, topicNames, ['broker:9092']),
    },
  )
  return { consumer, fatal, joined: () => joined, left: () => left }
}

test('a member that crashed for a passing reason joins again, also when that happens while it joins', async () => {
  const { consumer, fatal, joined, left } = await aConsumer(
    (events) => events.onCrash(coordinatorMissing),
    (events) => events.onCrash(coordinatorMissing),
    () => {
      throw new UnderstudyError('LOG_UNAVAILABLE', 'broker away')
    },
  )
  await eventually('the fourth try', () => joined() === 4)
  await consumer.stop()
  assert.equal(left(), 3)
  assert.deepEqual(fatal, [])
})

test('a member that may not read is fatal, once, with the reason', async () => {
  const { consumer, fatal, joined } = await aConsumer((events) => {
    events.onCrash(notAllowed)
    events.onCrash(notAllowed)
  })
  await eventually('the report', () => fatal.length > 0)
  await consumer.stop()
  assert.equal(joined(), 1)
  assert.equal(fatal.length, 1)
  assert.match(fatal[0]!.message, /GROUP_AUTHORIZATION_FAILED/)
})

test('a consumer that is stopped while it waits to join again does not join any more', async () => {
  const { consumer, fatal, joined } = await aConsumer((events) => events.onCrash(coordinatorMissing))
  await consumer.stop()
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(joined(), 1)
  assert.deepEqual(fatal, [])
})
