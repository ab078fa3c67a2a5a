import { Worker } from 'node:worker_threads'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Answer, type EncodedComparison, type Failure, type Job } from './protocol.ts'

export type PoolOptions = {
  /** The most threads; each is started when there is work for it. */
  size: number
  /** From the moment a thread takes a set: how long it may keep it. */
  setTimeoutMs: number
  /** What every thread works by. */
  workerData: unknown
  /** The thread's program. */
  entry?: URL
}

export type ScoringPool = {
  /**
   * The comparisons of one encoded observation set. Rejects with the error that comparing threw; SCORING_FAILED where the
   * thread was lost over it or took too long: the thread is replaced, and another try is the caller's to make.
   */
  compare(set: Uint8Array): Promise<EncodedComparison[]>
  /** Ends the threads, whatever they do. Sets in hand are rejected as STAGE_STOPPING. */
  close(): Promise<void>
}

/** For a module whose loading never ends. */
const longestStartMs = 60_000

type Waiting = { value: Uint8Array; settle: PromiseWithResolvers<EncodedComparison[]> }
type InHand = Waiting & { id: number; timer: NodeJS.Timeout }

/** Resolves when one thread can work, so that what keeps all of them from it (`unusable`) is told at the start. */
export async function startScoringPool(options: PoolOptions): Promise<ScoringPool> {
  const { size, setTimeoutMs, workerData, entry = new URL('worker.ts', import.meta.url) } = options
  const idle: Worker[] = []
  const threads = new Map<Worker, InHand | null>()
  const waiting: Waiting[] = []
  let lastId = 0
  let isClosed = false

  /** `onReady` is told once: when the thread can work, or why it cannot. */
  function start(onReady: (unusable: Error | null) => void): void {
    const worker = new Worker(entry, { workerData })
    threads.set(worker, null)
    let isReady = false
    const starting = setTimeout(() => gone(endedBy('it did not start in time')), longestStartMs).unref()
    worker.on('message', (answer: Answer) => {
      if ('unusable' in answer) return gone(errorOf(answer.unusable))
      if ('ready' in answer) {
        isReady = true
        clearTimeout(starting)
        idle.push(worker)
        onReady(null)
      } else settle(worker, answer)
      handOut()
    })
    const gone = (why: Error): void => {
      if (!threads.has(worker)) return
      clearTimeout(starting)
      lose(worker, why)
      // What cannot even start is not started again at once.
      if (isReady) handOut()
      else onReady(why)
    }
    // The message of a foreign error may quote the answers.
    worker.on('error', (err: Error) => gone(endedBy(`${err.name}${'code' in err ? ` (${String(err.code)})` : ''}`)))
    worker.on('exit', () => gone(endedBy('it exited')))
  }

  function settle(worker: Worker, answer: Extract<Answer, { id: number }>): void {
    const job = threads.get(worker)
    if (job?.id !== answer.id) return
    clearTimeout(job.timer)
    threads.set(worker, null)
    idle.push(worker)
    if ('failure' in answer) job.settle.reject(errorOf(answer.failure))
    else job.settle.resolve(answer.records)
  }

  function lose(worker: Worker, why: Error): void {
    const job = threads.get(worker)
    threads.delete(worker)
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
    void worker.terminate()
    if (!job) return
    clearTimeout(job.timer)
    job.settle.reject(why)
  }

  function handOut(): void {
    while (waiting.length > 0 && idle.length > 0) hand(waiting.shift()!, idle.pop()!)
    const isStarting = [...threads.values()].filter((job) => job === null).length - idle.length
    const wanted = isClosed ? 0 : Math.min(waiting.length - isStarting, size - threads.size)
    for (let started = 0; started < wanted; started++) start(giveUpWithout)
  }

  /** Where not one thread can be had, whoever waits would wait for ever. */
  function giveUpWithout(unusable: Error | null): void {
    if (unusable === null || threads.size > 0) return
    for (const { settle } of waiting.splice(0)) settle.reject(unusable)
  }

  function hand(job: Waiting, worker: Worker): void {
    const id = ++lastId
    const tooLong = `not scored within ${setTimeoutMs / 1000} s: its answers are too long, or a scorer of your own does not end`
    const timer = setTimeout(() => {
      lose(worker, new UnderstudyError('SCORING_FAILED', tooLong))
      handOut()
    }, setTimeoutMs)
    threads.set(worker, { ...job, id, timer })
    // A copy, which the thread gets without another: the record itself may be needed for a second try.
    const value = new Uint8Array(job.value)
    worker.postMessage({ id, value } satisfies Job, [value.buffer])
  }

  async function close(): Promise<void> {
    isClosed = true
    const stopping = new UnderstudyError('STAGE_STOPPING', 'the stage stops: the set is compared when it starts again')
    for (const { settle } of waiting.splice(0)) settle.reject(stopping)
    const ending = [...threads.keys()].map((worker) => worker.terminate())
    for (const worker of threads.keys()) lose(worker, stopping)
    await Promise.all(ending)
  }

  const first = await new Promise<Error | null>(start)
  if (first !== null) {
    await close()
    throw first
  }
  return {
    async compare(value) {
      if (isClosed) throw new UnderstudyError('STAGE_STOPPING', 'the threads that score are ended already')
      const settle = Promise.withResolvers<EncodedComparison[]>()
      waiting.push({ value, settle })
      handOut()
      return await settle.promise
    },
    close,
  }
}

function endedBy(what: string): UnderstudyError {
  return new UnderstudyError('SCORING_FAILED', `the thread that scored this set ended: ${what}`)
}

function errorOf(failure: Failure): Error {
  return failure instanceof Error ? failure : new UnderstudyError(failure.code, failure.message)
}
