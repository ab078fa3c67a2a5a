import { type Config } from '../../shared/config/schema.ts'
import { errorCode } from '../../shared/errors.ts'
import { maxRecordBytes, recordBytes } from '../../shared/log/record-size.ts'
import { type LogRecord } from '../../shared/log/topic-log.ts'
import { type LedgerKey, startOfHourMs } from '../tap/ledger.ts'
import { createProcessor } from '../tap/process.ts'
import { copyOfLine, type LineSource, type UpstreamOf } from './import-line.ts'
import { UnusableLine } from './unusable-line.ts'

/** One line as a record for `exchanges`, and what the ledger counts it under. */
export type ReadLine = { key: LedgerKey; record: LogRecord }

export type LineReader = (line: string, writtenAt: Date) => Promise<ReadLine>

/** Reads lines as the tap reads what passes it: routed, redacted. Throws UnusableLine. */
export function createLineReader(
  config: Pick<Config, 'tap' | 'routes'>,
  upstreamOf: UpstreamOf,
  source: LineSource,
): LineReader {
  // Every line is taken, whatever share the tap samples: its weight in the statistics is 1.
  const process = createProcessor({ ...config, tap: { ...config.tap, sample: { rate: 1, by: 'request' } } })

  return async (line, writtenAt) => {
    const copy = copyOfLine(line, upstreamOf, writtenAt, source)
    const processed = await process(copy).catch(refuseMalformed)
    if (processed.outcome !== 'captured') throw new UnusableLine('unknown_shape')
    const record = { key: processed.conversationId, value: processed.message }
    if (recordBytes(record) > maxRecordBytes) throw new UnusableLine('too_large')
    return {
      key: { hourMs: startOfHourMs(copy.capturedAtMs), upstream: copy.upstream, route: processed.route },
      record,
    }
  }
}

/** A value out of range, or nested too deeply, is the line's fault: it costs no other line. */
function refuseMalformed(err: unknown): never {
  if (errorCode(err) === 'MESSAGE_MALFORMED' || err instanceof RangeError) throw new UnusableLine('malformed')
  throw err
}
