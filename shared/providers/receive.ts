import { type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { type Dialect } from '../contracts/exchange.ts'
import { type Accumulator } from '../dialects/dialect.ts'
import { createAccumulator } from '../dialects/dialects.ts'
import { type Reply, type ReplyEnd } from './adapter.ts'
import { adviceOf } from './retry-advice.ts'
import { type Listener } from './transport.ts'

type Headers = Parameters<Listener['onHead']>[1]

type Receiver = Pick<Listener, 'onConnected' | 'onSent' | 'onHead' | 'onBytes'> & {
  hasHead(): boolean
  /** Calls back when all that arrived is read, at once where it was not packed; `isWhole` is false where unpacking failed. */
  whenRead(done: (isWhole: boolean) => void): void
  /** What has been read by now. */
  end(how: ReplyEnd): Reply
}

/** Reads an answer as it arrives. */
export function createReceiver(dialect: Dialect): Receiver {
  const reply: Reply = {
    end: 'unreachable',
    status: null,
    streamed: false,
    answer: null,
    sizeBytes: 0,
    chunks: [],
    connectMs: null,
    ttftMs: null,
    totalMs: null,
    retryAfterMs: null,
    retryAdvised: null,
  }
  let sentAtMs = performance.now()
  let accumulator: Accumulator | null = null
  let unpacker: Transform | null = null
  let isLabelledStream = false
  const note = noteArrivals(reply)
  const read = (bytes: Uint8Array): void => note(performance.now() - sentAtMs, bytes.length, accumulator!.push(bytes))

  return {
    onConnected: (connectMs) => void (reply.connectMs = connectMs),
    onSent: () => void (sentAtMs = performance.now()),
    onHead(status, headers) {
      const contentType = valueOf(headers, 'content-type')
      accumulator = createAccumulator(dialect, { status, contentType })
      isLabelledStream = contentType?.includes('event-stream') ?? false
      unpacker = unpackers[valueOf(headers, 'content-encoding')?.trim().toLowerCase() ?? '']?.() ?? null
      unpacker?.on('data', read).on('error', () => {})
      Object.assign(reply, { status }, adviceOf({ get: (name) => valueOf(headers, name) }, Date.now()))
    },
    onBytes: (bytes) => (unpacker === null ? read(bytes) : void unpacker.write(bytes)),
    hasHead: () => accumulator !== null,
    whenRead(done) {
      if (unpacker === null) return done(true)
      if (unpacker.destroyed) return done(unpacker.errored === null)
      unpacker.once('close', () => done(unpacker!.errored === null)).end()
    },
    end(how) {
      reply.end = how
      if (accumulator === null) return reply
      reply.streamed = reply.chunks.length > 0 || isLabelledStream
      reply.answer = accumulator.end()
      reply.totalMs = performance.now() - sentAtMs
      unpacker?.destroy()
      return reply
    },
  }
}

const unpackers: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

function valueOf(headers: Headers, name: string): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value.join(', ') : value) ?? null
}

type Timeline = Pick<Reply, 'chunks' | 'ttftMs' | 'sizeBytes'>

/** One chunk per SSE event; events that arrived in one piece share its bytes and its time. */
function noteArrivals(timeline: Timeline): (offsetMs: number, sizeBytes: number, events: number) => void {
  let pendingBytes = 0
  return (offsetMs, sizeBytes, events) => {
    timeline.sizeBytes += sizeBytes
    pendingBytes += sizeBytes
    timeline.ttftMs ??= offsetMs
    // Comments and half an event are not content yet: the first whole event sets the time anew.
    if (events > 0 && timeline.chunks.length === 0) timeline.ttftMs = offsetMs
    for (let left = events; left > 0; left--) {
      const share = Math.floor(pendingBytes / left)
      timeline.chunks.push({ offsetMs, sizeBytes: share })
      pendingBytes -= share
    }
  }
}
