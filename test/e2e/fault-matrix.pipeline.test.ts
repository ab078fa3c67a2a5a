import { test } from 'node:test'
import { kafkaSkipReason, startKafkaBroker } from '../support/kafka-broker.ts'
import { killUp, rounds, runMatrix } from './faults/matrix.ts'
import { setScene } from './faults/scene.ts'

const skip = await kafkaSkipReason()

test('on the embedded log nothing is lost and nothing counts twice, whatever is killed when', async (context) => {
  const first = ['kill tap', 'kill replay', 'kill compare', 'kill record']
  await runMatrix(context, await setScene(context, null), { first })
})

const tooLong = rounds === 0 && 'takes long: set UNDERSTUDY_KILLS'

test(
  'all of it killed at once and started again loses nothing and counts nothing twice',
  { skip: tooLong },
  async (context) => {
    await killUp(context, await setScene(context, null))
  },
)

test('on Kafka nothing is lost and nothing counts twice, whatever is killed when', { skip }, async (context) => {
  const properties = { 'group.min.session.timeout.ms': '500' }
  const broker = await startKafkaBroker({ properties })
  context.after(() => broker.stop())
  const scene = await setScene(context, { kafka: { brokers: broker.brokers, partitions: 2 } })
  const first = ['kill the broker', 'a second compare joins and dies', 'kill record']
  await runMatrix(context, scene, { first, others: { 'kill the broker': () => broker.restart() } })
})
