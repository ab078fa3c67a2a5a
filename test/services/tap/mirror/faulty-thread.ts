// The mirror's thread with a fault: an exchange whose path says so ends it in the middle of its work.
import { parentPort } from 'node:worker_threads'
import { type ToMirror } from '../../../../services/tap/mirror/protocol.ts'

parentPort!.on('message', (message: ToMirror) => {
  if (message === 'stop') return
  if (message.copies.heads.includes('deadly')) throw new Error('the thread fails')
})

await import('../../../../services/tap/mirror/main.ts')
