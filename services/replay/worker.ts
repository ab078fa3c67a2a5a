import { Exchange } from '../../shared/contracts/exchange.ts'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { aboutOf } from '../../shared/erasure/about.ts'
import { type ErasureList } from '../../shared/erasure/erasure-list.ts'
import { isRetryable } from '../../shared/errors.ts'
import { decodeMessage, encodeMessage } from '../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { type ReplayTools } from './ask.ts'
import { type Pace } from './pace.ts'
import { type LimitsState } from '../../shared/limits/limits-state.ts'
import { type ReplayArm } from './question.ts'
import { replayExchange } from './replay.ts'
import { stopping } from '../../shared/providers/retry.ts'

export type WorkerTools = Omit<ReplayTools, 'draining'> & {
  arms: readonly ReplayArm[]
  publish: TopicLog['publish']
  state: Pick<LimitsState, 'markDone' | 'isDone' | 'forgetBefore'>
  pace: Pace
  /** Exchanges of one batch asked at the same time. */
  inFlight: number
  /** Whose erasure is known, where records cannot be taken out of the log. */
  erasures?: ErasureList | undefined
}

/** A finished exchange: what could not be published yet, or null once it was. */
type Settled = { exchangeId: string; record: LogRecord | null }

/** How many finished exchanges are remembered: batches of many partitions, so that a batch handed over again finds its own. */
const remembered = 8192

/**
 * Handles batches of exchanges: resolves when each one's observations are published. A batch that is handed over again
 * because the log was away, one of its records is bad or the worker was killed is not asked and paid for again, but for
 * what was in hand at the kill.
 */
export function createWorker(tools: WorkerTools): (batch: Delivery[], draining: AbortSignal) => Promise<void> {
  const settled = new Map<string, Settled>()

  async function handle(delivery: Delivery, draining: AbortSignal): Promise<void> {
    const place = `${delivery.topic}/${delivery.partition}/${delivery.offset}`
    const known = settled.get(place) ?? (await replay(delivery, draining))
    remember(place, known)
    if (known.record === null) return
    await tools.publish('observations', [known.record])
    known.record = null
    // Waited for, so that what a kill leaves unknown is in hand here, and no more than that is asked again.
    await tools.state.markDone(delivery, known.exchangeId)
  }

  async function replay(delivery: Delivery, draining: AbortSignal): Promise<Settled> {
    const exchange = decodeMessage(Exchange, delivery.value)
    const { exchangeId } = exchange
    if (tools.state.isDone(delivery, exchangeId)) return { exchangeId, record: null }
    await tools.pace(exchange.capturedAt, draining)
    const observations = await replayExchange(exchange, tools.arms, { ...tools, draining })
    return { exchangeId, record: { key: exchange.conversationId, value: encodeMessage(ObservationSet, observations) } }
  }

  function remember(place: string, entry: Settled): void {
    settled.set(place, entry)
    if (settled.size > remembered) settled.delete(settled.keys().next().value!)
  }

  return async (batch, draining) => {
    // One partition a batch, in order: whoever gets this one has committed what was before it.
    tools.state.forgetBefore(batch[0]!)
    const wanted = await withoutErased(batch, tools.erasures)
    const failures = await eachOf(wanted, tools.inFlight, async (delivery) => {
      if (draining.aborted) throw stopping()
      await handle(delivery, draining)
    })
    // A passing trouble first: the whole batch comes again, and what remains then is the record's own.
    const failure = failures.find(isRetryable) ?? failures[0]
    if (failure !== undefined) throw failure
  }
}

/** What was erased is not asked again. It is counted where it would be stored. */
async function withoutErased(batch: Delivery[], erasures: ErasureList | undefined): Promise<Delivery[]> {
  if (erasures === undefined || (await erasures.isEmpty())) return batch
  const areErased = await erasures.areErased(batch.map(({ value }) => aboutOf(value.toString())))
  return batch.filter((_, index) => areErased[index] !== true)
}

/** Does the work for every item, so many at once, and gives what was thrown. */
async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = []
  const queue = items.values()
  const run = async (): Promise<void> => {
    for (const item of queue) await work(item).catch((err: unknown) => void failures.push(err))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run))
  return failures
}
