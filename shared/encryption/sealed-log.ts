import { type Delivery, type LogRecord, type Topic, type TopicLog } from '../log/topic-log.ts'
import { type Keyring, sealPrefix } from './keyring.ts'

/** Topics without a text of users: counts, notes of workers, and who did what. */
const plainTopics: ReadonlySet<Topic> = new Set(['ledger', 'replay-state', 'compare-state', 'audit'])

/**
 * A log whose records are sealed before they are published and opened before they are handed over. A record that does not open
 * becomes a dead letter, still sealed, which can be sent again when its key is there.
 */
export function sealedLog(log: TopicLog, keyring: Keyring): TopicLog {
  return {
    ...log,
    publish: (topic, records) => log.publish(topic, sealRecords(topic, records, keyring)),
    consume: (options) =>
      log.consume({
        ...options,
        handle: (batch, context) =>
          options.handle(
            batch.map((delivery) => openDelivery(delivery, keyring)),
            context,
          ),
      }),
  }
}

function sealRecords(topic: Topic, records: LogRecord[], keyring: Keyring): LogRecord[] {
  if (keyring.activeId === null || plainTopics.has(topic)) return records
  return records.map((record) => {
    // From the tap's spool, or a dead letter's: sealed when it was made.
    if (beginsSealed(record.value)) return record
    return { ...record, value: sealRecord(topic, record.key, Buffer.from(record.value).toString(), keyring) }
  })
}

export function sealRecord(topic: Topic, key: string, text: string, keyring: Keyring): string {
  return keyring.seal(text, placeOf(topic, key))
}

/** The text of a record. ENCRYPTION_KEY_MISSING, ENCRYPTION_BROKEN. */
export function openRecord(topic: string, key: string, value: Uint8Array, keyring: Keyring): string {
  return keyring.open(Buffer.from(value).toString(), [placeOf(topic, key)])
}

function openDelivery(delivery: Delivery, keyring: Keyring): Delivery {
  const { topic, key } = delivery
  const opened = beginsSealed(delivery.value)
    ? { ...delivery, value: Buffer.from(openRecord(topic, key, delivery.value, keyring)) }
    : delivery
  return topic === 'dead-letters' ? { ...opened, value: openLetter(opened.value, keyring) } : opened
}

/** A dead letter holds its record as the log had it: whose it was can be told only when that is opened. */
function openLetter(letter: Buffer, keyring: Keyring): Buffer {
  try {
    const fields = JSON.parse(letter.toString()) as { topic: string; key: string; valueBase64: string }
    const value = Buffer.from(fields.valueBase64, 'base64')
    if (!beginsSealed(value)) return letter
    const valueBase64 = Buffer.from(openRecord(fields.topic, fields.key, value, keyring)).toString('base64')
    return Buffer.from(JSON.stringify({ ...fields, valueBase64 }))
  } catch {
    // It stays closed, and is a letter all the same.
    return letter
  }
}

const prefix = Buffer.from(sealPrefix)

function beginsSealed(value: Uint8Array | string): boolean {
  if (typeof value === 'string') return value.startsWith(sealPrefix)
  return value.length > prefix.length && prefix.equals(value.subarray(0, prefix.length))
}

function placeOf(topic: string, key: string): string {
  return `log\0${topic}\0${key}`
}
