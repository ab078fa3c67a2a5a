// A replay worker to be killed: node process.ts ORDERS (JSON)
import { flushCompileCache } from 'node:module'
import { type LogConfig } from '../../../../shared/config/schema.ts'
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { startReplay } from '../../../../services/replay/main.ts'
import { stateFileOf } from '../../../../shared/limits/open.ts'
import { openLocalState } from '../../../../shared/limits/local-state.ts'
import { openNotedState } from '../../../../shared/limits/noted-state.ts'
import { aConfig, tokenDollars } from '../builders.ts'
import { concurrency, leaseMs, type Orders } from './settings.ts'

const orders = JSON.parse(process.argv[2]!) as Orders
const logger = silentLogger

async function open(config: LogConfig) {
  if ('embedded' in config) {
    const log = await openEmbeddedLog({
      file: config.embedded,
      logger,
      leaseMs: leaseMs.embedded,
      heartbeatMs: leaseMs.embedded / 6,
    })
    return { log, state: openLocalState({ file: stateFileOf(config.embedded), leaseMs: leaseMs.embedded }) }
  }
  const { openKafkaLog } = await import('../../../../shared/log/kafka.ts')
  const log = openKafkaLog(config.kafka, { logger, clientId: 'worker', sessionTimeoutMs: leaseMs.kafka })
  const beats = { heartbeatMs: leaseMs.kafka / 3, silenceMs: leaseMs.kafka }
  return { log, state: await openNotedState({ log, logger, ...beats }) }
}

const limits = { concurrency }
const config = aConfig(
  { openai: orders.providerUrl },
  {
    control: { provider: 'openai', limits },
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4o-mini', limits, budgetUsdPerDay: 1_000_000 }],
  },
)
await startReplay({ config, logger, prices: tokenDollars, ...(await open(orders.log)) })
process.send!('ready')
// Killed processes leave no cache behind by themselves, and to compile everything anew is most of a start.
flushCompileCache()
