import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { KafkaLog } from '../../../shared/config/schema.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { openNotedState } from '../../../shared/limits/noted-state.ts'
import { type Need, type LimitsState } from '../../../shared/limits/limits-state.ts'
import { kafkaSkipReason, startKafkaBroker } from '../../support/kafka-broker.ts'

const skip = await kafkaSkipReason()
const need: Need = {
  arm: 'mini',
  provider: 'openai',
  armLimits: { concurrency: 100 },
  providerLimits: {},
  tokens: 1,
  budget: { limitUsd: 10, estimateUsd: 9.8 },
}

test('on Kafka, a budget holds for all machines and a pause reaches them', { skip }, async (context) => {
  const broker = await startKafkaBroker()
  context.after(() => broker.stop())
  const config = KafkaLog.parse({ kafka: { brokers: broker.brokers, prefix: 'notes' } })
  const machines = await Promise.all(
    ['one', 'other'].map((clientId) => openTopicLog(config, { logger: silentLogger, clientId })),
  )
  context.after(() => Promise.all(machines.map((log) => log.close())))
  await machines[0]!.prepare()
  const open = (log: (typeof machines)[number]): Promise<LimitsState> => openNotedState({ log, logger: silentLogger })
  const [one, other] = [await open(machines[0]!), await open(machines[1]!)]
  while (one.admit([need]).kind !== 'admitted') await sleep(20)
  while (other.admit([need]).kind !== 'reached') await sleep(20)
  one.setPaused('large', true)
  while (!other.paused().includes('large')) await sleep(20)
  assert.ok(other.spentUsd('mini') >= 9.8)
  await Promise.all([one.close(), other.close()])
})
