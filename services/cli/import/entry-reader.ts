import { type Config } from '../../../shared/config/schema.ts'
import { errorCode } from '../../../shared/errors.ts'
import { maxRecordBytes, recordBytes } from '../../../shared/log/record-size.ts'
import { type LogRecord } from '../../../shared/log/topic-log.ts'
import { type LedgerKey, startOfHourMs } from '../../tap/ledger.ts'
import { createProcessor } from '../../tap/process.ts'
import { copyOfEntry, type EntryContext } from './copy-of-entry.ts'
import { UnusableEntry } from './unusable.ts'

/** One entry as a record for `exchanges`, and what the ledger counts it under. */
export type ReadEntry = { key: LedgerKey; record: LogRecord }

export type EntryReader = (entry: string, writtenAt: Date | null) => Promise<ReadEntry>

/** Reads entries as the tap reads what passes it: routed, redacted. Throws UnusableEntry. */
export function createEntryReader(
  config: Pick<Config, 'tap' | 'routes'>,
  context: Omit<EntryContext, 'writtenAt'>,
): EntryReader {
  // Every entry is taken, whatever share the tap samples: its weight in the statistics is 1.
  const process = createProcessor({ ...config, tap: { ...config.tap, sample: { rate: 1, by: 'request' } } })

  return async (entry, writtenAt) => {
    try {
      const copy = copyOfEntry(entry, { ...context, writtenAt })
      const processed = await process(copy)
      if (processed.outcome !== 'captured') throw new UnusableEntry('unknown_shape')
      const record = { key: processed.conversationId, value: processed.message }
      if (recordBytes(record) > maxRecordBytes) throw new UnusableEntry('too_large')
      return {
        key: { hourMs: startOfHourMs(copy.capturedAtMs), upstream: copy.upstream, route: processed.route },
        record,
      }
    } catch (err) {
      throw isMalformed(err) ? new UnusableEntry('malformed') : err
    }
  }
}

/** A value out of range, or nested too deeply, is the entry's fault: it costs no other entry. */
function isMalformed(err: unknown): boolean {
  return errorCode(err) === 'MESSAGE_MALFORMED' || err instanceof RangeError
}
