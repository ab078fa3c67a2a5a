import { deepEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const module = new URL('../../../../services/tap/mirror/lowest-priority.ts', import.meta.url).href

/** Of the thread that calls it, nice value and scheduling policy (proc(5), fields 19 and 41). */
const own = `(() => {
  const fields = require('node:fs').readFileSync('/proc/thread-self/stat', 'utf8').replace(/^.*\\) /s, '').split(' ')
  return [Number(fields[16]), Number(fields[38])]
})()`

/** Tells its own priority, and that of a thread it starts. */
const program = `
  const { parentPort, Worker } = require('node:worker_threads')
  import(${JSON.stringify(module)}).then(({ takeLowestPriority }) => {
    takeLowestPriority()
    const child = new Worker(${JSON.stringify(`require('node:worker_threads').parentPort.postMessage(${own})`)}, { eval: true })
    child.on('message', (inherited) => parentPort.postMessage([${own}, inherited]))
  })`

const schedIdle = 5

test(
  'a thread takes the lowest priority for itself and for those it starts, and leaves the others alone',
  { skip: !existsSync('/proc/thread-self') && 'priorities are not by thread here' },
  async () => {
    const readOwn = () =>
      readFileSync('/proc/thread-self/stat', 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
    const before = [readOwn()[16], readOwn()[38]]
    const worker = new Worker(program, { eval: true })

    const [priorities] = (await once(worker, 'message')) as [number[][]]
    await worker.terminate()

    const lowest = [19, spawnSync('chrt', ['--version']).status === 0 ? schedIdle : Number(before[1])]
    deepEqual(priorities, [lowest, lowest])
    deepEqual([readOwn()[16], readOwn()[38]], before)
  },
)
