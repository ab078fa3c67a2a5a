// One stage of the pipeline, to be killed: node stage.ts STAGE CONFIG. As `understudy run STAGE` starts it, but whoever
// comes next need not wait long for the places and partitions of the one that was killed.
import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../../shared/config/load.ts'
import { untilSignalled } from '../../../shared/lifecycle.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { openNotedState } from '../../../shared/limits/noted-state.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openEmbeddedLog } from '../../../shared/log/embedded.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { createLogger } from '../../../shared/logger.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { openStore } from '../../../shared/store/open.ts'

const [stage, configFile] = process.argv.slice(2)
const config = loadConfig(configFile!, process.env)
const logger = createLogger(stage!, 'error')
const leaseMs = 1_500

async function openLog(): Promise<TopicLog> {
  if ('embedded' in config.log) {
    return await openEmbeddedLog({ file: config.log.embedded, logger, leaseMs, heartbeatMs: leaseMs / 6 })
  }
  const { openKafkaLog } = await import('../../../shared/log/kafka.ts')
  return openKafkaLog(config.log.kafka, { logger, clientId: stage!, sessionTimeoutMs: leaseMs })
}

async function startStage() {
  const settling = { config, prices: openPriceBook(config.prices) }
  switch (stage) {
    case 'tap': {
      const { createWorkerMirror } = await import('../../../services/tap/mirror/worker-mirror.ts')
      const { startTap } = await import('../../../services/tap/main.ts')
      const mirror = createWorkerMirror({ config, logger })
      const tap = await startTap({ config, mirror, logger })
      while (!mirror.health().isAlive) await sleep(20)
      return tap
    }
    case 'replay': {
      const log = await openLog()
      const state =
        'embedded' in config.log
          ? openLocalState({ file: stateFileOf(config.log.embedded), leaseMs })
          : await openNotedState({ log, logger, heartbeatMs: leaseMs / 3, silenceMs: leaseMs })
      const { startReplay } = await import('../../../services/replay/main.ts')
      return await startReplay({ ...settling, log, logger, state })
    }
    case 'compare': {
      const { startCompare } = await import('../../../services/compare/main.ts')
      return await startCompare({ config, log: await openLog(), logger, settling })
    }
    default: {
      const store = await openStore(config.store, { logger, access: 'owner' })
      await migrate(store, { retention: config.retention })
      const { startRecord } = await import('../../../services/record/main.ts')
      const record = await startRecord({ log: await openLog(), store, logger })
      return { stop: () => record.stop().then(() => store.close()) }
    }
  }
}

const signalled = untilSignalled()
const running = await startStage()
process.send!('ready')
// Killed processes leave no cache behind by themselves, and to compile everything anew is most of a start.
flushCompileCache()
await signalled
await running.stop()
process.exit(0)
