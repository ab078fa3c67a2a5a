import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const module = new URL('../../../../services/tap/mirror/lowest-priority.ts', import.meta.url).href

/** Tells its own priority, and that of a thread it starts. */
const program = `
  const { parentPort, Worker } = require('node:worker_threads')
  const priority = "require('node:os').getPriority(Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1)))"
  import(${JSON.stringify(module)}).then(({ takeLowestPriority }) => {
    takeLowestPriority()
    const child = new Worker("require('node:worker_threads').parentPort.postMessage(" + priority + ")", { eval: true })
    child.on('message', (inherited) => parentPort.postMessage([eval(priority), inherited]))
  })`

test(
  'a thread takes the lowest priority for itself and for those it starts, and leaves the others alone',
  { skip: !existsSync('/proc/thread-self') && 'priorities are not by thread here' },
  async () => {
    const before = getPriority()
    const worker = new Worker(program, { eval: true })

    const [priorities] = (await once(worker, 'message')) as [number[]]
    await worker.terminate()

    deepEqual(priorities, [19, 19])
    deepEqual(getPriority(), before)
  },
)
