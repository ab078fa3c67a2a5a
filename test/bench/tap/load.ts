import { connect, type Socket } from 'node:net'
import { createAnswerReader } from './answer-reader.ts'

export type LoadOptions = {
  connections: number
  seconds: number
  /** The whole request, head and body. */
  request: Buffer
  /** The body that must come back. Null: any will do. */
  expected?: Buffer | null
  /** Exchanges a second. Without it the loop is closed: each connection asks again when its answer is whole. */
  ratePerSecond?: number
}

/** `failed`: answers other than 200, and broken connections. `altered`: answers with other bytes than expected. */
export type Load = { exchanges: number; seconds: number; latenciesUs: Float64Array; failed: number; altered: number }

/**
 * Asks over raw keep-alive sockets. Latency is from the write to the last byte; at a fixed rate it is from the moment the
 * request was due, where the answer before was late.
 */
export async function load(url: string, options: LoadOptions): Promise<Load> {
  const { hostname, port } = new URL(url)
  const latenciesUs: number[] = []
  const counts = { failed: 0, altered: 0 }
  const startedMs = performance.now()
  const stepMs = options.ratePerSecond === undefined ? 0 : (1_000 * options.connections) / options.ratePerSecond
  const asking = Array.from({ length: options.connections }, (_, index) => {
    return new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      const firstDueMs = startedMs + (stepMs * index) / options.connections
      ask(socket, { ...options, firstDueMs, stepMs, endMs: startedMs + options.seconds * 1_000, latenciesUs, counts })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  })
  await Promise.all(asking)
  const seconds = (performance.now() - startedMs) / 1_000
  return { exchanges: latenciesUs.length, seconds, latenciesUs: Float64Array.from(latenciesUs).toSorted(), ...counts }
}

type Asking = LoadOptions & {
  firstDueMs: number
  /** Zero: ask again at once. */
  stepMs: number
  endMs: number
  latenciesUs: number[]
  counts: { failed: number; altered: number }
}

function ask(
  socket: Socket,
  { request, expected = null, firstDueMs, stepMs, endMs, latenciesUs, counts }: Asking,
): void {
  let dueMs = firstDueMs
  let fromMs = 0
  let finished = false
  /** The last good answer: the same bytes again need no reading. */
  let known: Buffer = Buffer.alloc(0)
  let pieces: Buffer[] = []
  let body: Buffer[] = []

  const read = createAnswerReader({
    data: (piece) => body.push(piece),
    end({ status }) {
      if (status !== 200) counts.failed += 1
      else if (expected !== null && !Buffer.concat(body).equals(expected)) counts.altered += 1
      else if (pieces.length === 1) known = Buffer.from(pieces[0]!)
      ;[pieces, body] = [[], []]
      answered()
    },
  })

  function send(late: boolean): void {
    fromMs = late ? dueMs : performance.now()
    socket.write(request)
  }

  function answered(): void {
    const nowMs = performance.now()
    latenciesUs.push((nowMs - fromMs) * 1_000)
    dueMs += stepMs
    if (Math.max(nowMs, dueMs) >= endMs) {
      finished = true
      socket.destroy()
    } else if (stepMs === 0) send(false)
    else if (nowMs >= dueMs) send(true)
    else setTimeout(send, dueMs - nowMs, false)
  }

  socket.on('data', (piece: Buffer) => {
    if (pieces.length === 0 && piece.length === known.length && piece.equals(known)) return answered()
    pieces.push(piece)
    try {
      read(piece)
    } catch {
      socket.destroy()
    }
  })
  socket.on('connect', () => {
    if (stepMs === 0) send(false)
    else setTimeout(send, Math.max(0, dueMs - performance.now()), false)
  })
  socket.on('close', () => {
    if (!finished) counts.failed += 1
  })
}
