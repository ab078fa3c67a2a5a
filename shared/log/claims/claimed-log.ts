import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import { type ClaimCheck } from '../../config/schema.ts'
import { errorCode, UnderstudyError } from '../../errors.ts'
import { uuidv7 } from '../../ids.ts'
import { type Logger } from '../../logger.ts'
import { withDeadline } from '../deadline.ts'
import { maxRecordBytes, recordBytes } from '../record-size.ts'
import { type Delivery, type LogRecord, type Topic, type TopicLog } from '../topic-log.ts'
import { type ClaimStore } from './claim-store.ts'

/** In front of every claim. No other record begins like this: they are JSON, or sealed. */
const claimPrefix = 'claim1:'
type Claim = { name: string; sha256: string }

/** What a claim stands for, as it is kept: the record's key, a line feed and its value, packed. */
const pack = promisify(gzip)
const unpack = promisify(gunzip)
const fast = { level: constants.Z_BEST_SPEED }
const sweepEveryMs = 6 * 3_600_000

/**
 * A log whose largest records are kept elsewhere, with a claim to them in their place (Hohpe and Woolf, Enterprise Integration
 * Patterns, 2003, "Claim Check"). Whoever reads gets the record itself. One whose claim is gone becomes a dead letter,
 * LOG_CLAIM_MISSING; storage that does not answer is waited for.
 */
export function claimedLog(
  log: TopicLog,
  store: ClaimStore,
  { overBytes, keepDays, logger }: Pick<ClaimCheck, 'overBytes' | 'keepDays'> & { logger: Logger },
): TopicLog {
  let sweeping: NodeJS.Timeout | undefined

  /** What no topic can hold a claim to any more. Whatever this fails on is met again the next time. */
  async function sweep(): Promise<void> {
    const olderThanMs = Date.now() - keepDays * 86_400_000
    try {
      for await (const { name, putAtMs } of store.list()) if (putAtMs < olderThanMs) await store.remove(name)
    } catch (err) {
      logger.warn(
        { code: errorCode(err) },
        'large records that are out of date could not be removed; tried again later',
      )
    }
  }

  return {
    ...log,
    async publish(topic, records) {
      await log.publish(topic, await Promise.all(records.map((record) => claimed(topic, record, store, overBytes))))
    },
    consume: (options) =>
      log.consume({
        ...options,
        handle: async (batch, context) =>
          options.handle(
            await Promise.all(batch.map((delivery) => redeemed(delivery, store, context.signal))),
            context,
          ),
      }),
    async ping(timeoutMs) {
      await log.ping(timeoutMs)
      const late = `${store.place}, where large records are kept, gave no answer in ${timeoutMs} ms: check log.kafka.claimCheck.`
      await withDeadline(store.get('ping'), timeoutMs, late)
    },
    async prepare() {
      await log.prepare()
      sweeping ??= setInterval(() => void sweep(), sweepEveryMs).unref()
      void sweep()
    },
    async close() {
      clearInterval(sweeping)
      await log.close()
    },
  }
}

async function claimed(topic: Topic, record: LogRecord, store: ClaimStore, overBytes: number): Promise<LogRecord> {
  const bytes = recordBytes(record)
  if (bytes <= overBytes || isClaim(record.value)) return record
  const value = asBytes(record.value)
  const packed = await pack(Buffer.concat([Buffer.from(`${JSON.stringify(record.key)}\n`), value]), fast)
  // The broker weighs what is packed, but a record can be too large to be handled in a batch at all.
  if (packed.length <= overBytes && bytes <= maxRecordBytes) return record
  const claim: Claim = { name: `${topic}/${uuidv7()}`, sha256: sha256Of(value) }
  await store.put(claim.name, packed)
  return { ...record, value: claimPrefix + JSON.stringify(claim) }
}

async function redeemed(delivery: Delivery, store: ClaimStore, signal: AbortSignal): Promise<Delivery> {
  if (!isClaim(delivery.value)) return delivery
  const claim = JSON.parse(delivery.value.subarray(claimPrefix.length).toString()) as Claim
  const kept = await readClaimed(claim.name, store, signal)
  if (kept === null) throw missing(claim.name, store, 'is not there any more')
  if (sha256Of(kept.value) !== claim.sha256) throw missing(claim.name, store, 'is not what was put there')
  return { ...delivery, value: kept.value }
}

/** All that is kept, as it was published. What cannot be read is left out. */
export async function* eachClaimed(
  store: ClaimStore,
): AsyncIterable<{ name: string; topic: Topic; key: string; value: Buffer }> {
  for await (const { name } of store.list()) {
    const kept = await readClaimed(name, store)
    if (kept !== null) yield { name, topic: name.split('/', 1)[0] as Topic, ...kept }
  }
}

/** Null: there is none, or none that can be read. */
async function readClaimed(
  name: string,
  store: ClaimStore,
  signal?: AbortSignal,
): Promise<{ key: string; value: Buffer } | null> {
  const packed = await store.get(name, signal)
  if (packed === null) return null
  const kept = await unpack(packed).catch(() => null)
  const end = kept?.indexOf('\n') ?? -1
  if (kept === null || end === -1) return null
  return { key: JSON.parse(kept.subarray(0, end).toString()) as string, value: kept.subarray(end + 1) }
}

function missing(name: string, { place }: ClaimStore, what: string): UnderstudyError {
  return new UnderstudyError(
    'LOG_CLAIM_MISSING',
    `The large record ${name} of ${place} ${what}: log.kafka.claimCheck must be the same for all stages, with keepDays longer than the topics keep records.`,
  )
}

function isClaim(value: Uint8Array | string): boolean {
  if (typeof value === 'string') return value.startsWith(claimPrefix)
  return asBytes(value).subarray(0, claimPrefix.length).toString() === claimPrefix
}

function asBytes(value: Uint8Array | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
