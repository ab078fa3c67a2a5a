import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Config } from '../../../shared/config/schema.ts'
import { type Logger } from '../../../shared/logger.ts'
import { type FinishedCopy } from '../capture.ts'
import { noBytes } from '../copied-bytes.ts'
import { createLedger, type LedgerKey, startOfHourMs } from '../ledger.ts'
import { createRedactor } from '../redact.ts'
import { noteWaiting, waitingOf } from '../spool/waiting.ts'
import {
  defaultMirrorLimits,
  type Mirror,
  type MirrorHealth,
  type MirrorLimits,
  type MirrorState,
  noSpool,
  withPending,
} from './mirror.ts'
import { packCopies, type PackedCopies } from './packed-copy.ts'
import { type FromMirror, type MirrorStart, type ToMirror } from './protocol.ts'

export type WorkerMirrorOptions = {
  config: Pick<Config, 'tap' | 'routes' | 'log'>
  logger: Logger
  limits?: Partial<MirrorLimits>
  /** A thread that has work and says nothing for so long is taken for stuck, and replaced. */
  stuckAfterMs?: number
  /** The thread's program. */
  entry?: URL
}

type Held = LedgerKey & { processed: () => void }

/** Copied into one message at most: the time it takes is taken from the answers. */
const maxPostBytes = 1_048_576
/** Copies are gathered, because a message costs the forwarding thread more than a copy in it: up to so many, because more
 * would keep the next answer waiting, and for so long. */
const gatherCopies = 8
const gatherMs = 5
const maxRestartWaitMs = 5_000

/**
 * The mirror in a thread of its own. If it dies, its work in hand is counted as dropped and a new one goes on: answers
 * never notice. Throws CONFIG_INVALID where a pattern of the config cannot be used.
 */
export function createWorkerMirror(options: WorkerMirrorOptions): Mirror {
  // Mistakes of the config are told at the start, not by a thread that dies again and again.
  createRedactor(options.config.tap.redact)
  return new WorkerMirror(options).start()
}

class WorkerMirror {
  readonly #options: WorkerMirrorOptions
  readonly #limits: MirrorLimits
  #worker: Worker | null = null
  /** Not posted yet: the copies, and beside each what is known of it here. */
  #copies: FinishedCopy[] = []
  #held: Held[] = []
  #flushTimer: NodeJS.Timeout | null = null
  /** Posted to the thread, of which what is saved does not know yet. */
  #unsaved: Held[] = []
  #processed = 0
  #saved = 0
  #state: MirrorState | null = null
  #health: Omit<MirrorHealth, 'isAlive'> = { isLogUp: false, spool: noSpool }
  #lastHeardMs = 0
  /** It has said something: what takes long before is its start. */
  #isUp = false
  #failures = 0
  #stopping = false
  #closed = false
  readonly #ended = Promise.withResolvers<void>()
  #stopped: Promise<void> | null = null
  #watchdog: NodeJS.Timeout | undefined
  #noting: NodeJS.Timeout | undefined
  #noted: Promise<void> | null = null

  constructor(options: WorkerMirrorOptions) {
    this.#options = options
    this.#limits = { ...defaultMirrorLimits, ...options.limits }
  }

  start(): Mirror {
    this.#startWorker()
    const stuckAfterMs = this.#options.stuckAfterMs ?? 60_000
    this.#watchdog = setInterval(() => this.#endIfStuck(stuckAfterMs), stuckAfterMs / 4).unref()
    this.#noting = setInterval(() => this.#note(), this.#limits.saveIntervalMs).unref()
    return {
      accept: (copy, processed) => this.#accept(copy, processed),
      totals: () => withPending(this.#ledger().totals(), this.#unsaved.length + this.#copies.length),
      health: () => ({ ...this.#health, isAlive: this.#worker !== null && this.#isUp }),
      stop: () => (this.#stopped ??= this.#stop()),
    }
  }

  #startWorker(): void {
    const { config, logger, limits = {}, entry = new URL('main.ts', import.meta.url) } = this.#options
    const { tap, routes, log } = config
    const workerData: MirrorStart = {
      config: { tap, routes, log },
      loggerName: String(logger.bindings()['name'] ?? 'tap'),
      logLevel: logger.level,
      limits,
      resume: this.#state,
    }
    const worker = this.#open(entry, workerData)
    if (worker === null) return this.#exited()
    this.#worker = worker
    this.#isUp = false
    worker.on('message', (message: FromMirror) => this.#hear(message))
    // Names and codes only: the message of an unknown error may quote what it could not digest.
    worker.on('error', (err: NodeJS.ErrnoException) =>
      logger.error({ error: err.name, code: err.code }, 'the mirror failed; answers are served all the same'),
    )
    worker.on('exit', () => this.#exited())
    this.#flushSoon(0)
  }

  #open(entry: URL, workerData: MirrorStart): Worker | null {
    try {
      return new Worker(entry, { workerData })
    } catch (err) {
      const { name, code } = err as NodeJS.ErrnoException
      this.#options.logger.error({ error: name, code }, 'the mirror cannot be started; answers are served all the same')
      return null
    }
  }

  #accept(copy: FinishedCopy, processed: () => void): void {
    const { upstream, capturedAtMs } = copy
    this.#copies.push(copy)
    this.#held.push({ hourMs: startOfHourMs(capturedAtMs), upstream, route: 'default', processed })
    if (this.#copies.length === gatherCopies) setImmediate(() => this.#flush())
    else this.#flushSoon(gatherMs)
  }

  #flushSoon(waitMs: number): void {
    if (this.#flushTimer !== null || this.#worker === null || (this.#copies.length === 0 && !this.#stopping)) return
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = null
      this.#flush()
    }, waitMs)
  }

  /** One message at a time, so that a burst is neither many messages nor one long copy. */
  #flush(): void {
    if (this.#worker === null) return
    if (this.#copies.length === 0) return this.#stopping ? this.#post('stop') : undefined
    const count = countUpTo(maxPostBytes, this.#copies)
    const copies = packOrGiveUp(this.#copies.splice(0, count))
    if (this.#unsaved.length === this.#processed - this.#saved) this.#lastHeardMs = performance.now()
    for (const held of this.#held.splice(0, count)) this.#unsaved.push(held)
    this.#post({ copies }, [copies.memory])
    this.#flushSoon(0)
  }

  /** What cannot be posted is lost with the thread, and counted with it. */
  #post(message: ToMirror, memory: ArrayBuffer[] = []): void {
    try {
      this.#worker?.postMessage(message, memory)
    } catch {
      void this.#worker?.terminate()
    }
  }

  #hear(message: FromMirror): void {
    // Told by a clock, so it says nothing about the work.
    if (message !== 'stopped' && 'health' in message) return void (this.#health = message.health)
    this.#lastHeardMs = performance.now()
    this.#isUp = true
    if (message === 'stopped') return this.#ended.resolve()
    if ('processed' in message) {
      this.#failures = 0
      return this.#release(message.processed)
    }
    this.#release(message.copies)
    this.#state = message.saved
    this.#unsaved.splice(0, message.copies - this.#saved)
    this.#saved = message.copies
  }

  #release(processed: number): void {
    for (; this.#processed < processed; this.#processed += 1) this.#unsaved[this.#processed - this.#saved]!.processed()
  }

  #exited(): void {
    this.#worker = null
    this.#countLost()
    if (this.#closed) return
    const waitMs = this.#failures === 0 ? 0 : Math.min(maxRestartWaitMs, 50 * 2 ** this.#failures)
    this.#failures += 1
    setTimeout(() => this.#startWorker(), waitMs).unref()
  }

  /** What the thread had in hand died with it. It is never handed over again: it may be what killed the thread. */
  #countLost(): void {
    const ledger = this.#ledger()
    for (const key of this.#unsaved) {
      ledger.count(key, 'served')
      ledger.count(key, 'dropped', 'capture_error')
    }
    const folders = this.#state?.folders ?? { home: null, adopted: [] }
    this.#state = { ledger: ledger.state(), folders }
    this.#release(this.#saved + this.#unsaved.length)
    this.#unsaved = []
    this.#processed = 0
    this.#saved = 0
  }

  #ledger() {
    const ledger = createLedger(() => Promise.resolve())
    if (this.#state !== null) ledger.takeOver(this.#state.ledger, { sameRun: true })
    return ledger
  }

  /** The thread may not get its turn before the process is killed: what it has not saved is told on the disk from here. */
  #note(): void {
    const home = this.#state?.folders.home ?? null
    const held = [...this.#unsaved, ...this.#held]
    // A thread that is not up has no folder yet: what is known is the one before it.
    if (this.#noted !== null || home === null || held.length === 0 || this.#worker === null || !this.#isUp) return
    const folder = join(this.#options.config.tap.spool.folder, home)
    this.#noted = noteWaiting(folder, waitingOf(this.#saved, held))
      .catch(() => {
        // Of a disk that does not work the thread tells.
      })
      .finally(() => (this.#noted = null))
  }

  /** Before the thread ends: it deletes a folder in which nothing is left. */
  async #noteLast(): Promise<void> {
    await this.#noted
    this.#note()
    await this.#noted
  }

  #endIfStuck(stuckAfterMs: number): void {
    const isWorking = this.#isUp && this.#unsaved.length > this.#processed - this.#saved
    if (!isWorking || performance.now() - this.#lastHeardMs < stuckAfterMs) return
    this.#options.logger.error(
      { stuckAfterMs },
      'the mirror is stuck and is started again; answers are served all the same',
    )
    void this.#worker?.terminate()
  }

  async #stop(): Promise<void> {
    clearInterval(this.#noting)
    const timer = setTimeout(() => this.#ended.resolve(), 3 * this.#limits.flushTimeoutMs + 2_000)
    await Promise.race([this.#noteLast(), this.#ended.promise])
    this.#stopping = true
    this.#flushSoon(0)
    await this.#ended.promise
    clearTimeout(timer)
    clearInterval(this.#watchdog)
    this.#closed = true
    await this.#worker?.terminate()
  }
}

/** How many make `sizeBytes`, the last of them included. */
function countUpTo(sizeBytes: number, copies: readonly FinishedCopy[]): number {
  let count = 0
  for (let left = sizeBytes; count < copies.length && left > 0; count += 1) left -= copies[count]!.heldBytes + 1
  return count
}

/** There may be no memory for the copies' copy. */
function packOrGiveUp(copies: FinishedCopy[]): PackedCopies {
  try {
    return packCopies(copies)
  } catch {
    return packCopies(copies.map(withoutBytes))
  }
}

function withoutBytes(copy: FinishedCopy): FinishedCopy {
  return { ...copy, request: noBytes, answer: noBytes, failure: copy.failure ?? 'capture_error' }
}
