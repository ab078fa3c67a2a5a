import { parentPort, workerData } from 'node:worker_threads'
import { openTopicLog } from '../../../shared/log/open.ts'
import { createLogger } from '../../../shared/logger.ts'
import { createLateLog } from './late-log.ts'
import { createMirror } from './mirror.ts'
import { unpackCopy } from './packed-copy.ts'
import { type FromMirror, type MirrorStart, type ToMirror } from './protocol.ts'

/** The mirror's own thread: nothing that happens here can keep an answer waiting. */
const { config, loggerName, logLevel, limits, resume } = workerData as MirrorStart
const port = parentPort!
const tell = (message: FromMirror) => port.postMessage(message)
const logger = createLogger(loggerName, logLevel)
const log = createLateLog(() => openTopicLog(config.log, { logger, clientId: 'understudy-tap' }), logger)
const save = (saved: Extract<FromMirror, { copies: number }>['saved'], copies: number) => tell({ saved, copies })
const mirror = createMirror({ config, log, logger, limits, resume, save })

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
  await log.close()
  tell('stopped')
  port.close()
}

port.on('message', (message: ToMirror) => {
  if (message === 'stop') void stop()
  else for (const copy of message.copies) mirror.accept(unpackCopy(copy), processedOne)
})
