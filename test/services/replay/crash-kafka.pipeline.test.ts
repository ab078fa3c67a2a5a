import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { KafkaLog, type LogConfig } from '../../../shared/config/schema.ts'
import { readNotes } from '../../../shared/limits/noted-state.ts'
import { kafkaSkipReason, startKafkaBroker } from '../../support/kafka-broker.ts'
import { callUsd, kills, killWorkers, prepare } from './crash/kill-workers.ts'

const skip = await kafkaSkipReason()

test(
  `on Kafka, a worker killed ${kills.kafka} times loses no observation, counts none twice and pays again only for what was in hand`,
  // A group waits for the session of whoever was killed: several groups wait at the same time.
  { skip, concurrency: 4 },
  async (context) => {
    const properties = { 'group.min.session.timeout.ms': '500', 'group.initial.rebalance.delay.ms': '0' }
    const broker = await startKafkaBroker({ properties })
    context.after(() => broker.stop())
    const groups = ['a', 'b', 'c', 'd'].map((prefix) =>
      KafkaLog.parse({ kafka: { brokers: broker.brokers, prefix, partitions: 2 } }),
    )
    // One after the other: a broker that makes many topics at a time is slow to know them all.
    for (const config of groups) await prepare(config)
    const ofGroup = async (group: TestContext, config: LogConfig): Promise<void> => {
      const { log, asked } = await killWorkers(group, config, { kills: kills.kafka / groups.length, workers: 1 })
      const spentUsd = (await readNotes(log)).spentUsd('mini')
      assert.ok(spentUsd >= asked.mini * callUsd, `${spentUsd} in the books for ${asked.mini} calls`)
    }
    // Each a test of its own, so that its log is closed before the broker is.
    await Promise.all(
      groups.map((config) => context.test(`group ${config.kafka.prefix}`, (group) => ofGroup(group, config))),
    )
  },
)
