import { deliver, type DeliveryPolicy, type Hold } from '../delivery-policy.ts'
import { type Delivery, type Topic } from '../topic-log.ts'
import { isMembershipLost, isRebalance } from './failures.ts'

type Message = {
  key: Buffer | null
  value: Buffer | null
  offset: string
  timestamp: string
  headers?: Record<string, unknown>
}

/** What kafkajs hands to `eachBatch`, as far as it is needed here. */
export type Payload = {
  batch: { partition: number; messages: Message[] }
  resolveOffset(offset: string): void
  heartbeat(): Promise<void>
  commitOffsetsIfNecessary(offsets: ReturnType<Payload['uncommittedOffsets']>): Promise<void>
  uncommittedOffsets(): { topics: { topic: string; partitions: { partition: number; offset: string }[] }[] }
  isRunning(): boolean
  isStale(): boolean
}

export type BatchOptions = {
  topic: Topic
  maxBatch: number
  policy: DeliveryPolicy
  heartbeatMs: number
  /** The consumer is told to stop: the handler may finish. */
  stopping: AbortSignal
  /** The time to finish is over: the handler is left behind, nothing of it is committed. */
  abandoned: AbortSignal
  onHeartbeat: () => void
  /** What was resolved until now. */
  commit: (payload: Payload) => Promise<void>
}

/**
 * Delivers what was fetched from one partition, committing behind every `maxBatch` records. Throws only what the group
 * coordinator says: kafkajs then joins the group again. A failure of the handler never gets here.
 */
export async function deliverFetched(payload: Payload, options: BatchOptions): Promise<void> {
  const beats = startHeartbeats(payload, options)
  try {
    for (const messages of inChunks(payload.batch.messages, options.maxBatch)) {
      if (!payload.isRunning() || payload.isStale() || beats.interruption()) break
      if (!(await deliverChunk(messages, payload, beats.hold, options))) break
    }
  } finally {
    beats.stop()
  }
  const interruption = beats.interruption()
  if (interruption) throw interruption
}

/** False if the rest has to wait for a later fetch. */
async function deliverChunk(
  messages: Message[],
  payload: Payload,
  hold: Hold,
  options: BatchOptions,
): Promise<boolean> {
  const deliveries = messages.map((message) => toDelivery(message, options.topic, payload.batch.partition))
  const settled = await Promise.race([deliver(deliveries, options.policy, hold), aborted(options.abandoned, 0)])
  if (settled === 0) return false
  payload.resolveOffset(messages[settled - 1]!.offset)
  await options.commit(payload)
  return settled === messages.length
}

/** kafkajs beats between batches only: a handler longer than the session would lose its partitions. */
function startHeartbeats(payload: Payload, options: BatchOptions) {
  const lost = new AbortController()
  let interruption: Error | undefined
  const beat = async () => {
    try {
      await payload.heartbeat()
      options.onHeartbeat()
    } catch (err) {
      // Anything else is a broken connection, which the next beat may find repaired.
      if (isMembershipLost(err) || isRebalance(err)) interruption ??= err as Error
      if (isMembershipLost(err)) lost.abort()
    }
  }
  const timer = setInterval(() => void beat(), options.heartbeatMs)
  const hold: Hold = {
    signal: AbortSignal.any([lost.signal, options.stopping]),
    mayRetry: () => !interruption,
  }
  return { hold, interruption: () => interruption, stop: () => clearInterval(timer) }
}

function toDelivery(message: Message, topic: Topic, partition: number): Delivery {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString() ?? '',
    value: message.value ?? Buffer.alloc(0),
    headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])),
    publishedAtMs: Number(message.timestamp),
  }
}

function inChunks<T>(list: T[], size: number): T[][] {
  const count = Math.ceil(list.length / size)
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size))
}

function aborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value)
    else signal.addEventListener('abort', () => resolve(value), { once: true })
  })
}
