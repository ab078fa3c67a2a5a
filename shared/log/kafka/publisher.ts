import { isRetryable, UnderstudyError } from '../../errors.ts'
import { backoffMs, pause } from '../backoff.ts'
import { recordBytes, refuseTooLarge } from '../record-size.ts'
import { type LogRecord, type Topic } from '../topic-log.ts'
import { explainKafka, isTooLarge } from './failures.ts'
import { createLanes } from './lanes.ts'

export type PublisherOptions = {
  prefix: string
  brokers: readonly string[]
  publishTimeoutMs: number
  /** One try, in one request per broker. */
  send: (topicName: string, records: LogRecord[]) => Promise<void>
}

/** Records of one send, before compression; larger publishes are cut into several. */
const maxSendBytes = 4 * 1024 * 1024

/** Sends until the records are confirmed, the time is up, or trying again is pointless. */
export function createPublisher({ prefix, brokers, publishTimeoutMs, send }: PublisherOptions) {
  const late = `Kafka at ${brokers.join(', ')} did not confirm in time: check that it runs and can be reached.`
  const sendInTurn = createLanes({
    send,
    maxBytes: maxSendBytes,
    late: () => new UnderstudyError('LOG_UNAVAILABLE', late),
  })
  let pending = 0
  const allDone = Promise.withResolvers<void>()
  const closing = new AbortController()
  let isClosed = false

  async function publish(topic: Topic, records: LogRecord[]): Promise<void> {
    if (isClosed) throw new UnderstudyError('LOG_UNAVAILABLE', 'The log is closed: open it again before using it.')
    refuseTooLarge(topic, records)
    const deadlineMs = performance.now() + publishTimeoutMs
    pending += 1
    try {
      for (const send of inSends(records)) await sendPatiently(`${prefix}.${topic}`, send, deadlineMs)
    } finally {
      pending -= 1
      if (isClosed && pending === 0) allDone.resolve()
    }
  }

  async function sendPatiently(topicName: string, records: LogRecord[], deadlineMs: number): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return await sendInTurn(topicName, records, deadlineMs)
      } catch (err) {
        // The limit of a topic holds for a whole batch, and one large record must not keep the others out.
        if (isTooLarge(err) && records.length > 1) {
          for (const record of records) await sendPatiently(topicName, [record], deadlineMs)
          return
        }
        const told = explainKafka(err, topicName, brokers)
        const waitMs = backoffMs(failures)
        if (!isRetryable(told) || performance.now() + waitMs > deadlineMs || closing.signal.aborted) throw told
        await pause(waitMs, closing.signal)
      }
    }
  }

  /** Waits for what is under way (kafkajs would not), without further tries. */
  async function close(): Promise<void> {
    isClosed = true
    closing.abort()
    if (pending > 0) await allDone.promise
  }

  return { publish, close }
}

function inSends(records: LogRecord[]): LogRecord[][] {
  const sends: LogRecord[][] = []
  let bytes = Infinity
  for (const record of records) {
    const size = recordBytes(record)
    if (bytes + size > maxSendBytes) {
      sends.push([])
      bytes = 0
    }
    sends.at(-1)!.push(record)
    bytes += size
  }
  return sends
}
