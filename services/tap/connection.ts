import { type Socket } from 'node:net'
import { NotHttp } from './head-lines.ts'
import { Call, type Asker, type Failure, type Question } from './call.ts'

export type Owner = { idle(connection: Connection): void; closed(connection: Connection): void }

// A peer that vanished without a word is found by the network's own means: models may think for minutes.
const probeAfterMs = 60_000

/** One connection to an upstream, which carries one call at a time. */
export class Connection {
  readonly #socket: Socket
  readonly #owner: Owner
  #call: Call | null = null
  #isReached = false
  /** After a change of protocol the socket is the asker's. */
  #isGivenAway = false
  #error: NodeJS.ErrnoException | null = null
  /** Monotonic clock. Idle, it is not to be used any more after that. */
  expiresAtMs = Infinity

  /** `reached` is the event that tells that the upstream is there. */
  constructor(socket: Socket, reached: 'connect' | 'secureConnect', owner: Owner) {
    this.#socket = socket
    this.#owner = owner
    socket.setNoDelay(true)
    socket.setKeepAlive(true, probeAfterMs)
    keepReadingWhenWritesFail(socket)
    socket.on(reached, () => (this.#isReached = true))
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('drain', () => this.#call?.asker.drain())
    socket.on('end', () => this.#endRead())
    socket.on('error', (err) => (this.#error = err))
    socket.on('close', () => {
      this.#fail({ kind: this.#isReached ? 'closed' : 'unreachable', reason: this.#error?.code ?? 'ECONNRESET' })
      owner.closed(this)
    })
  }

  ask(question: Question, asker: Asker): Call {
    this.expiresAtMs = Infinity
    return (this.#call = new Call(this.#socket, question, asker))
  }

  destroy(): void {
    this.expiresAtMs = 0
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    const call = this.#call
    if (this.#isGivenAway) return
    // Bytes that nobody asked for: whose answer comes next could not be known.
    if (call === null) return this.destroy()
    try {
      call.parser.push(bytes)
    } catch (err) {
      // Whatever is wrong with one answer, the others go on.
      const reason = err instanceof NotHttp ? err.message : 'it cannot be passed on'
      return this.#fail({ kind: 'not_http', reason })
    }
    if (call.parser.hasEnded) this.#settle(call)
    else call.asker.handedOn()
  }

  #settle(call: Call): void {
    this.#call = null
    this.#isGivenAway = call.parser.hasSwitched
    if (this.#isGivenAway) return
    // An answer that came before its request had ended leaves a connection in the middle of that request.
    if (call.release() === null || !call.isAsked || call.parser.idleMs === 0) return this.destroy()
    this.#socket.resume()
    this.expiresAtMs = performance.now() + call.parser.idleMs
    this.#owner.idle(this)
  }

  /** The end of what the upstream sends may be the end of an answer. */
  #endRead(): void {
    const call = this.#call
    if (this.#isGivenAway) return
    if (call?.parser.close() === true) this.#settle(call)
    this.destroy()
  }

  #fail(failure: Failure): void {
    const call = this.#call
    this.#call = null
    if (this.#isGivenAway) return
    this.destroy()
    if (call !== null && call.release() !== null) call.asker.failed(failure)
  }
}

/**
 * An upstream may answer early and close (413 in mid-upload). Our next write then fails before the answer has been read,
 * and a socket is destroyed when a write fails. So failed writes pass for done: what the reading side meets is what counts.
 */
function keepReadingWhenWritesFail(socket: Socket): void {
  const write = socket._write.bind(socket)
  const writev = socket._writev!.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, () => done())
  socket._writev = (chunks, done) => writev(chunks, () => done())
}
