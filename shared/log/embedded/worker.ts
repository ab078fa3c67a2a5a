import { parentPort, workerData } from 'node:worker_threads'
import { errorCode, UnderstudyError } from '../../errors.ts'
import { createLogDatabase, type DatabaseOptions, type LogDatabase } from './database.ts'
import { type Call, type Reply } from './protocol.ts'

const watchEveryMs = 20
const sweepEveryMs = 30_000
const sweepPauseMs = 50

const port = parentPort!

function reply(id: number, work: () => unknown): void {
  try {
    const result = work()
    port.postMessage({ id, result } satisfies Reply, buffersIn(result))
  } catch (err) {
    // An error loses its class on the way between threads.
    const message = err instanceof UnderstudyError ? err.message : `The embedded log failed: ${String(err)}`
    port.postMessage({ id, error: { code: errorCode(err), message } } satisfies Reply)
  }
}

/** Fetched values are moved between the threads, not copied. */
function buffersIn(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null || !('records' in result)) return []
  return (result.records as { value: Uint8Array<ArrayBuffer> }[]).map((record) => record.value.buffer)
}

function serve(database: LogDatabase): void {
  const timers = [watch(database), sweepRegularly(database)]
  port.on('message', ({ id, operation, args }: Call) => {
    reply(id, () => (database[operation] as (...args: unknown[]) => unknown)(...args))
    if (operation !== 'close') return
    for (const stop of timers) stop()
    port.close()
  })
}

/** Tells when another process wrote something. The check costs microseconds: it reads a counter in shared memory. */
function watch(database: LogDatabase): () => void {
  let seen = database.dataVersion()
  const timer = setInterval(() => {
    const version = attempt(() => database.dataVersion())
    if (version !== seen) port.postMessage('changed' satisfies Reply)
    seen = version ?? seen
  }, watchEveryMs)
  return () => clearInterval(timer)
}

function sweepRegularly(database: LogDatabase): () => void {
  const sweep = () => {
    const isMoreLeft = attempt(() => database.sweep()) === true
    timer = setTimeout(sweep, isMoreLeft ? sweepPauseMs : sweepEveryMs)
  }
  let timer = setTimeout(sweep, sweepEveryMs)
  return () => clearTimeout(timer)
}

/** What a timer could not do now it does next time; what is really broken shows in the calls that wait for a reply. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

reply(0, () => serve(createLogDatabase(workerData as DatabaseOptions)))
