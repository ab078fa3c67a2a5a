import { setImmediate as nextTurn } from 'node:timers/promises'
import { type UnderstudyError } from '../../errors.ts'
import { backoffMs, pause } from '../backoff.ts'
import { type DeliveryPolicy } from '../delivery-policy.ts'
import { type ConsumeOptions, type Consumer, type Topic } from '../topic-log.ts'
import { deliverFetched, type Payload } from './batches.ts'

export type Membership = { leave: () => Promise<void> }
export type MemberEvents = {
  eachBatch: (payload: Payload & { batch: { topic: string } }) => Promise<void>
  /** The broker answered a fetch or a heartbeat. */
  onAlive: () => void
  /** The membership is over and the client does not try again by itself. May be called before `join` resolves. */
  onCrash: (err: Error) => void
}

export type ConsumerContext = {
  prefix: string
  policy: DeliveryPolicy
  heartbeatMs: number
  join: (
    groupId: string,
    topicNames: string[],
    gatherMs: number | undefined,
    events: MemberEvents,
  ) => Promise<Membership>
  explain: (err: unknown, topicNames: string) => UnderstudyError
}

/** A member of the group that joins again after passing troubles and reports the others as fatal. */
export async function startConsumer(options: ConsumeOptions, context: ConsumerContext): Promise<Consumer> {
  const { prefix, policy, heartbeatMs } = context
  const topics = new Map<string, Topic>(options.topics.map((topic) => [`${prefix}.${topic}`, topic]))
  const stopping = new AbortController()
  const abandoned = new AbortController()
  const memberships = new Set<Membership>()
  let lastPollAtMs = Date.now()
  let crash: Error | undefined
  let committing: Promise<void> | undefined
  let rejoining: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  const onAlive = () => (lastPollAtMs = Date.now())
  const explain = (err: unknown) => context.explain(err, [...topics.keys()].join(', '))

  async function join(): Promise<void> {
    const events = { eachBatch, onAlive, onCrash }
    const { group, gatherMs } = options
    memberships.add(await context.join(`${prefix}.${group}`, [...topics.keys()], gatherMs, events))
  }

  function eachBatch(payload: Payload & { batch: { topic: string } }): Promise<void> {
    return deliverFetched(payload, {
      topic: topics.get(payload.batch.topic)!,
      maxBatch: options.maxBatch,
      policy,
      heartbeatMs,
      stopping: stopping.signal,
      abandoned: abandoned.signal,
      onHeartbeat: onAlive,
      commit,
    })
  }

  /** Batches that end together are committed in one request: what is done by then, of all partitions. */
  function commit(payload: Payload): Promise<void> {
    return (committing ??= nextTurn().then(() => {
      committing = undefined
      return payload.commitOffsetsIfNecessary(payload.uncommittedOffsets())
    }))
  }

  function onCrash(reported: Error): void {
    crash = reported
    rejoining ??= rejoin()
  }

  /** kafkajs gives up for good on some troubles that pass, such as a coordinator that is still being elected. */
  async function rejoin(): Promise<void> {
    for (let failures = 1; crash && !stopping.signal.aborted; failures++) {
      const reason = explain(crash)
      if (!reason.retryable) return endForGood(reason)
      policy.logger.warn({ code: reason.code, reason: reason.message, failures }, 'consumer joins its group again')
      await pause(backoffMs(failures), stopping.signal)
      crash = undefined
      if (!stopping.signal.aborted) await join().catch(onCrash)
    }
    // At once with the last look at `crash`, so that none is reported to a loop that has ended.
    rejoining = undefined
  }

  function endForGood(reason: UnderstudyError): void {
    stopping.abort()
    options.onFatal(reason)
  }

  async function stop(timeoutMs: number): Promise<void> {
    stopping.abort()
    const timer = setTimeout(() => abandoned.abort(), timeoutMs)
    await rejoining
    await Promise.all([...memberships].map((membership) => membership.leave()))
    clearTimeout(timer)
  }

  try {
    await join()
  } catch (err) {
    stopping.abort()
    throw explain(err)
  }
  return {
    stop: ({ timeoutMs = 30_000 } = {}) => (stopped ??= stop(timeoutMs)),
    lastPollAtMs: () => lastPollAtMs,
  }
}
