import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { openKeyring } from '../../../shared/encryption/keyring.ts'
import { sealRecord } from '../../../shared/encryption/sealed-log.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { createLogger } from '../../../shared/logger.ts'
import { createLateLog } from './late-log.ts'
import { takeLowestPriority } from './lowest-priority.ts'
import { createMirror, type MirrorState } from './mirror.ts'
import { unpackCopies } from './packed-copy.ts'
import { type FromMirror, type MirrorStart, type ToMirror } from './protocol.ts'

/** The mirror's own thread: nothing that happens here can keep an answer waiting. */
const { config, loggerName, logLevel, limits, resume } = workerData as MirrorStart
const port = parentPort!
const tell = (message: FromMirror) => port.postMessage(message)
const logger = createLogger(loggerName, logLevel)
const started = Promise.withResolvers<void>()
const open = () => started.promise.then(() => openTopicLog(config.log, { logger, clientId: 'understudy-tap' }))
const log = createLateLog({ open, logger })
const save = (saved: MirrorState, copies: number) => tell({ saved, copies })
const keyring = openKeyring(config.log.encryption)
const seal = (key: string, message: string) => sealRecord('exchanges', key, message, keyring)
const mirror = createMirror({ config, log, logger, limits, spool: config.tap.spool, resume, save, seal })

const healthIntervalMs = 500
let toldHealth = ''

/** Only what is new, so that a thread that is stuck stays silent. */
function tellHealth(): void {
  const health = mirror.health()
  const text = JSON.stringify(health)
  if (text !== toldHealth) tell({ health })
  toldHealth = text
}

tellHealth()
// Not before: the tap is not ready until the mirror is up, which could take long at the lowest priority. The log's thread,
// which is started after this, has it too.
takeLowestPriority()
started.resolve()
const tellingHealth = setInterval(tellHealth, healthIntervalMs).unref()

let processed = 0
let isTold = true

/** One message for all copies that end in one turn. */
function processedOne(): void {
  processed += 1
  if (isTold) setImmediate(tellProcessed)
  isTold = false
}

function tellProcessed(): void {
  isTold = true
  tell({ processed })
}

async function stop(): Promise<void> {
  await mirror.stop()
  clearInterval(tellingHealth)
  // Nothing is in hand any more: a log that does not answer need not be waited for.
  const closed = log.close()
  if (log.isUp()) await Promise.race([closed, sleep(1_000)])
  tell('stopped')
  port.close()
}

port.on('message', (message: ToMirror) => {
  if (message === 'stop') void stop()
  else for (const copy of unpackCopies(message.copies)) mirror.accept(copy, processedOne)
})
