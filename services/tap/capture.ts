import { type Exchange, type WireEnd } from '../../shared/contracts/exchange.ts'
import { BytesCopy, noBytes, type CopiedBytes } from './copied-bytes.ts'
import { type Watcher } from './forward.ts'
import { headerValue, pickHeaders, type RawHeaders } from './headers.ts'
import { type ByteBudget } from './byte-budget.ts'

/** What is to become of an exchange, as far as it is known when its request arrives. */
export type Plan = 'capture' | 'sampled_out' | 'opted_out' | 'unsupported'

/** What is known of an exchange when its request's head has arrived. */
export type Arrival = {
  source: Exchange['source']
  exchangeId: string
  capturedAtMs: number
  upstream: string
  method: string
  /** As sent to the provider. */
  path: string
  /** Lower-case names, by allow-list: never a credential. */
  headers: Record<string, string>
  plan: Plan
}

/**
 * A finished exchange as a plain object: all that the later steps get. They run after the client has its bytes and may
 * run in another thread.
 */
export type FinishedCopy = Arrival & {
  request: CopiedBytes
  status: number | null
  answerHeaders: Record<string, string>
  answer: CopiedBytes
  end: WireEnd
  /**
   * Monotonic clock. The request's last byte was sent; where that never happened, its head arrived. Null: the times are
   * not known, as in an imported log.
   */
  sentAtMs: number | null
  /** Monotonic clock. The answer's last byte came. Null: it never did. */
  endedAtMs: number | null
  /** Why the copy is not usable. */
  failure: 'memory_full' | 'capture_error' | null
  /** Bytes taken from the budget, to be given back. */
  heldBytes: number
}

export type CaptureOptions = {
  arrival: Arrival
  /** Announced size of the request's body. */
  requestBytes: number | null
  copies: { request: boolean; answer: boolean }
  maxBodyBytes: number
  budget: ByteBudget
  answerHeaders: ReadonlySet<string>
  finished: (copy: FinishedCopy) => void
}

/** Collects copies of what passes. Only keeps references and times: nothing is parsed, decoded or waited for here. */
export function createCapture(options: CaptureOptions): Watcher {
  return guarded(new Capture(options))
}

class Capture implements Watcher {
  readonly #options: CaptureOptions
  #request: BytesCopy | null = null
  #answer: BytesCopy | null = null
  #failure: FinishedCopy['failure'] = null
  #heldBytes = 0
  #status: number | null = null
  #answerHeaders: Record<string, string> = {}
  #sentAtMs = performance.now()
  #endedAtMs: number | null = null

  constructor(options: CaptureOptions) {
    this.#options = options
    if (options.copies.request) this.#request = new BytesCopy(this.#limits(), options.requestBytes)
  }

  requestBytes(bytes: Uint8Array): void {
    if (this.#request?.add(bytes, performance.now()) === false) this.fail('memory_full')
  }

  requestSent(): void {
    this.#sentAtMs = performance.now()
  }

  answerHead(status: number, headers: RawHeaders): void {
    this.#status = status
    this.#answerHeaders = pickHeaders(headers, this.#options.answerHeaders)
    if (!this.#options.copies.answer || this.#failure !== null) return
    const announced = headerValue(headers, 'content-length')
    this.#answer = new BytesCopy(this.#limits(), announced === null ? null : Number(announced))
  }

  answerBytes(bytes: Uint8Array): void {
    if (this.#answer?.add(bytes, performance.now()) === false) this.fail('memory_full')
  }

  answerEnd(): void {
    this.#endedAtMs = performance.now()
  }

  /** Lets go of what was copied; the exchange is still reported at its end, as dropped. */
  fail(reason: NonNullable<FinishedCopy['failure']>): void {
    this.#failure ??= reason
    this.#request = null
    this.#answer = null
    this.#options.budget.give(this.#heldBytes)
    this.#heldBytes = 0
  }

  end(end: WireEnd): void {
    this.#options.finished({
      ...this.#options.arrival,
      request: this.#request?.result() ?? noBytes,
      status: this.#status,
      answerHeaders: this.#answerHeaders,
      answer: this.#answer?.result() ?? noBytes,
      end,
      sentAtMs: this.#sentAtMs,
      endedAtMs: this.#endedAtMs,
      failure: this.#failure,
      heldBytes: this.#heldBytes,
    })
  }

  #limits() {
    const { budget, maxBodyBytes } = this.#options
    const take = (sizeBytes: number) => {
      if (!budget.take(sizeBytes)) return false
      this.#heldBytes += sizeBytes
      return true
    }
    return { maxBodyBytes, take }
  }
}

/** A fault in the copy costs the copy, never the answer. */
function guarded(capture: Capture): Watcher {
  const guard = (step: () => void) => {
    try {
      step()
    } catch {
      capture.fail('capture_error')
    }
  }
  return {
    requestBytes: (bytes) => guard(() => capture.requestBytes(bytes)),
    requestSent: () => guard(() => capture.requestSent()),
    answerHead: (status, headers) => guard(() => capture.answerHead(status, headers)),
    answerBytes: (bytes) => guard(() => capture.answerBytes(bytes)),
    answerEnd: () => guard(() => capture.answerEnd()),
    end(end) {
      try {
        capture.end(end)
      } catch {
        // Without its copies there is nothing left to go wrong: the exchange must be counted.
        capture.fail('capture_error')
        capture.end(end)
      }
    },
  }
}
