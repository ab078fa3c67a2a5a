import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Snapshot } from '../../../shared/metrics.ts'
import { type Totals } from '../ledger.ts'
import { type FromMember, type MemberStart, type ToMember } from './protocol.ts'
import { noTotals } from './totals.ts'

// Longer than the answers under way and the mirror may take together.
const stopTimeoutMs = 55_000
const metricsTimeoutMs = 1_000

/** One process of the tap, as the one that started it sees it. */
export class Member {
  readonly #worker: Worker
  /** Its URL. */
  readonly #started = Promise.withResolvers<string>()
  #metricsRead = Promise.withResolvers<void>()
  #failure: UnderstudyError | null = null
  isServing = false
  totals: Totals = noTotals
  /** As they were when they were last asked for. */
  metrics: Snapshot = []
  /** Resolves with why, when it is over. */
  readonly ended: Promise<UnderstudyError>

  constructor(start: MemberStart) {
    this.#started.promise.catch(() => {})
    this.#worker = cluster.fork()
    closeWhatIsNotTaken(this.#worker)
    this.#worker.on('message', (message: FromMember) => this.#hear(message))
    // A process that ends while it is written to: its end is what counts.
    this.#worker.on('error', () => {})
    this.ended = this.#untilEnded()
    this.#tell({ start })
  }

  started(): Promise<string> {
    return this.#started.promise
  }

  /** A process that does not answer is told of as it was before. */
  async readMetrics(): Promise<Snapshot> {
    this.#tell('read_metrics')
    await Promise.race([this.#metricsRead.promise, this.ended, sleep(metricsTimeoutMs, undefined, { ref: false })])
    return this.metrics
  }

  /** Answers under way go on to their end. */
  async stop(): Promise<void> {
    this.#tell('stop')
    const timer = setTimeout(() => this.#worker.process.kill('SIGKILL'), stopTimeoutMs)
    await this.ended
    clearTimeout(timer)
  }

  async #untilEnded(): Promise<UnderstudyError> {
    const worker = this.#worker
    const how = await new Promise<[code: number | null, signal: string | null]>((resolve) => {
      worker.once('exit', (code, signal) => resolve([code, signal]))
    })
    this.isServing = false
    // What it said last may not have been read yet. `disconnect` is not waited for: it never comes where a connection that
    // was handed to the process has not been taken.
    while (worker.isConnected()) await sleep(1)
    const failure = this.#failure ?? hasEnded(...how)
    this.#started.reject(failure)
    return failure
  }

  #tell(message: ToMember): void {
    if (this.#worker.isConnected()) this.#worker.send(message)
  }

  #hear(message: FromMember): void {
    if ('started' in message) this.#started.resolve(message.started)
    else if ('failed' in message) this.#failure = new UnderstudyError(message.failed.code, message.failed.message)
    else if ('metrics' in message) {
      this.metrics = message.metrics
      this.#metricsRead.resolve()
      this.#metricsRead = Promise.withResolvers()
    } else Object.assign(this, message.report)
  }
}

function hasEnded(code: number | null, signal: string | null): UnderstudyError {
  const how = signal === null ? `ended with exit code ${code}` : `was ended from outside (${signal})`
  return new UnderstudyError('STAGE_FAILED', `a process of the tap ${how}: lines above may say why`)
}

/**
 * `node:cluster` hands one connection at a time to a process. If that dies before it has taken the connection, nobody
 * closes it, and its client would wait for ever. One that was taken is closed on this side already.
 */
function closeWhatIsNotTaken(worker: Worker): void {
  let latest: { close(): void } | null = null
  const { process } = worker
  const send = process.send.bind(process) as (...args: unknown[]) => boolean
  process.send = (...args: unknown[]) => {
    const [, handle] = args as [unknown, { close(): void } | undefined]
    if (typeof handle?.close === 'function') latest = handle
    return send(...args)
  }
  worker.on('exit', () => latest?.close())
}
