import { DeadLetter } from '../contracts/dead-letter.ts'
import { errorCode, isOfSurroundings, UnderstudyError } from '../errors.ts'
import { deterministicUuid } from '../ids.ts'
import { type Logger } from '../logger.ts'
import { backoffMs, pause } from './backoff.ts'
import { encodeMessage } from './messages.ts'
import { type ConsumeOptions, type Delivery, type LogRecord } from './topic-log.ts'

export type DeliveryPolicy = {
  group: string
  handle: ConsumeOptions['handle']
  publishDeadLetter: (record: LogRecord) => Promise<void>
  logger: Logger
}

/** How long this consumer may keep the batch. */
export type Hold = {
  /** Handed to the handler: aborts when the consumer stops or has lost the partition. */
  signal: AbortSignal
  /** False once the partition is wanted elsewhere: the attempt under way may end, no further one begins. */
  mayRetry: () => boolean
}

type Ending = { kind: 'done' } | { kind: 'released' } | { kind: 'failed'; err: unknown; attempts: number }

/**
 * Hands the batch over until every record of it is settled: handled, or kept as a dead letter. Never rejects. Returns how
 * many records from the front are settled; fewer than all only if the hold ended first.
 */
export async function deliver(
  batch: readonly Delivery[],
  policy: DeliveryPolicy,
  hold: Hold,
  attemptsBefore = 0,
): Promise<number> {
  const ending = await handOver(batch, policy, hold)
  if (ending.kind === 'done') return batch.length
  if (ending.kind === 'released') return 0
  const attempts = attemptsBefore + ending.attempts
  if (batch.length === 1) return (await giveUp(batch[0]!, { ...ending, attempts }, policy, hold)) ? 1 : 0
  // Half by half: among many records, the few that cannot be processed are found in a few attempts.
  const half = Math.ceil(batch.length / 2)
  const settled = await deliver(batch.slice(0, half), policy, hold, attempts)
  return settled < half ? settled : half + (await deliver(batch.slice(half), policy, hold, attempts))
}

async function handOver(records: readonly Delivery[], policy: DeliveryPolicy, hold: Hold): Promise<Ending> {
  for (let attempts = 1; ; attempts++) {
    if (hold.signal.aborted) return { kind: 'released' }
    try {
      await policy.handle([...records], { signal: hold.signal })
      return { kind: 'done' }
    } catch (err) {
      // A handler that was told to stop fails because of that, whatever it throws: its records are not to blame.
      if (hold.signal.aborted) return { kind: 'released' }
      if (!isOfSurroundings(err)) return { kind: 'failed', err, attempts }
      policy.logger.warn(
        { ...place(records[0]!), records: records.length, attempts, ...reason(err) },
        'batch is retried',
      )
      if (!(await mayGoOn(attempts, hold))) return { kind: 'released' }
    }
  }
}

/** Settles a record that cannot be processed. False if the hold ended before its dead letter was durable. */
async function giveUp(
  delivery: Delivery,
  failure: { err: unknown; attempts: number },
  policy: DeliveryPolicy,
  hold: Hold,
): Promise<boolean> {
  const log = { ...place(delivery), attempts: failure.attempts, ...reason(failure.err) }
  if (delivery.topic === 'dead-letters') {
    // A dead letter of a dead letter would come back to this very consumer, for ever.
    policy.logger.error({ ...log, skipped: 1 }, 'dead letter cannot be processed and is skipped')
    return true
  }
  policy.logger.error(log, 'record cannot be processed and becomes a dead letter')
  return publishUntilDurable(delivery, failure, policy, hold)
}

async function publishUntilDurable(
  delivery: Delivery,
  failure: { err: unknown; attempts: number },
  policy: DeliveryPolicy,
  hold: Hold,
): Promise<boolean> {
  let letter = deadLetter(delivery, failure, policy.group)
  for (let attempts = 1; ; attempts++) {
    try {
      await policy.publishDeadLetter({ key: delivery.key, value: encodeMessage(DeadLetter, letter) })
      return true
    } catch (err) {
      if (errorCode(err) === 'LOG_RECORD_TOO_LARGE' && letter.valueBase64 !== '') {
        letter = withoutValue(letter, delivery)
        continue
      }
      policy.logger.warn({ ...place(delivery), attempts, ...reason(err) }, 'dead letter is not durable yet')
      if (!(await mayGoOn(attempts, hold))) return false
    }
  }
}

async function mayGoOn(failures: number, hold: Hold): Promise<boolean> {
  await pause(backoffMs(failures), hold.signal)
  return !hold.signal.aborted && hold.mayRetry()
}

function deadLetter(delivery: Delivery, failure: { err: unknown; attempts: number }, group: string): DeadLetter {
  const { topic, partition, offset, key } = delivery
  return {
    version: 1,
    deadLetterId: deterministicUuid('dead-letter', group, topic, String(partition), offset),
    failedAt: new Date().toISOString(),
    group,
    topic,
    partition,
    offset,
    key,
    errorCode: errorCode(failure.err),
    message: reason(failure.err).reason,
    attempts: failure.attempts,
    resentAt: null,
    valueBase64: delivery.value.toString('base64'),
  }
}

function withoutValue(letter: DeadLetter, delivery: Delivery): DeadLetter {
  const note = `Its ${delivery.value.length} bytes are too many for a dead letter: read them from the topic.`
  return { ...letter, valueBase64: '', message: `${letter.message} ${note}` }
}

function place({ topic, partition, offset }: Delivery): Pick<Delivery, 'topic' | 'partition' | 'offset'> {
  return { topic, partition, offset }
}

/** Only our own messages are known to hold no payload; of any other error its class and place in the code are told. */
function reason(err: unknown): { code: string; reason: string } {
  const code = errorCode(err)
  if (err instanceof UnderstudyError) return { code, reason: err.message }
  const name = err instanceof Error ? err.constructor.name : typeof err
  return { code, reason: `The stage failed on this record with ${name} ${firstFrame(err)}`.trim() }
}

/** Where it was thrown. Looked for behind the message, which may quote the payload over several lines. */
function firstFrame(err: unknown): string {
  if (!(err instanceof Error) || !err.stack?.includes(err.message)) return ''
  const frames = err.stack.slice(err.stack.indexOf(err.message) + err.message.length)
  return /^ {4}at .+$/m.exec(frames)?.[0].trim() ?? ''
}
