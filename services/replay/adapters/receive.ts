import { type Response } from 'undici'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { createAccumulator } from '../../../shared/dialects/dialects.ts'
import { type Reply } from './adapter.ts'
import { adviceOf } from './retry-advice.ts'

type Timeline = Pick<Reply, 'chunks' | 'ttftMs' | 'totalMs' | 'sizeBytes'>

/** Reads an answer to its end, however it ends. `sentAtMs` is on the monotonic clock. */
export async function receive(
  response: Response,
  dialect: Dialect,
  sentAtMs: number,
): Promise<Omit<Reply, 'connectMs'>> {
  const contentType = response.headers.get('content-type')
  const accumulator = createAccumulator(dialect, { status: response.status, contentType })
  const timeline: Timeline = { chunks: [], ttftMs: null, totalMs: null, sizeBytes: 0 }
  const note = noteArrivals(timeline, sentAtMs)
  let broken = false
  try {
    for await (const bytes of response.body ?? []) note(bytes.length, accumulator.push(bytes))
  } catch {
    broken = true
  }
  return {
    ...timeline,
    end: broken ? 'broken' : 'complete',
    status: response.status,
    streamed: timeline.chunks.length > 0 || (contentType?.includes('event-stream') ?? false),
    answer: accumulator.end(),
    totalMs: performance.now() - sentAtMs,
    ...adviceOf(response.headers, Date.now()),
  }
}

/** One chunk per SSE event; events that arrived in one piece share its bytes and its time. */
function noteArrivals(timeline: Timeline, sentAtMs: number): (sizeBytes: number, events: number) => void {
  let pendingBytes = 0
  return (sizeBytes, events) => {
    const offsetMs = performance.now() - sentAtMs
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
