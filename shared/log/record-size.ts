import { UnderstudyError } from '../errors.ts'
import { type LogRecord, type Topic } from './topic-log.ts'

/** What a Kafka topic of ours accepts as one compressed batch (`max.message.bytes`). */
export const maxBatchBytes = 16 * 1024 * 1024

/** Largest key + value + headers of one record; the rest of a batch is room for framing that does not compress. */
export const maxRecordBytes = maxBatchBytes - 64 * 1024

export function recordBytes(record: LogRecord): number {
  let bytes = Buffer.byteLength(record.key) + Buffer.byteLength(record.value)
  if (record.headers === undefined) return bytes
  for (const [name, value] of Object.entries(record.headers)) bytes += Buffer.byteLength(name + value)
  return bytes
}

/** The same limit whatever the log is made of, so that moving to Kafka never starts refusing records. */
export function refuseTooLarge(topic: Topic, records: readonly LogRecord[]): void {
  for (const record of records) {
    const bytes = recordBytes(record)
    if (bytes > maxRecordBytes) throw tooLarge(topic, `one of ${bytes} bytes is over the limit of ${maxRecordBytes}`)
  }
}

export function tooLarge(topic: string, what: string, cause?: unknown): UnderstudyError {
  return new UnderstudyError(
    'LOG_RECORD_TOO_LARGE',
    `A record for ${topic} is too large (${what}): lower tap.capture.maxBodyBytes, or publish bodies cut.`,
    { cause },
  )
}
