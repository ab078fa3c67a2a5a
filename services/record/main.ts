import { type Running } from '../../shared/lifecycle.ts'
import { type TopicLog, topics } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { createBatchWriter } from '../../shared/store/batch-writer.ts'
import { type Store } from '../../shared/store/store.ts'
import { openErasureList } from '../../shared/erasure/erasure-list.ts'
import { withoutErased } from './erased.ts'
import { rowsOfBatch } from './record.ts'
import { keepSettling } from './settle-days.ts'

const maxBatch = 5_000
/** A block of thousands costs the engine little more than one of dozens: what comes within this time is stored together. */
const gatherMs = 300
/** The batches of a hand-over come one after the other, within milliseconds. */
const limits = { maxRows: 10_000, maxBytes: 32 * 1024 * 1024, maxWaitMs: 20 }

/** Every topic into its table. A record's offset is committed only after its rows are stored. Past days are added up along the way. */
export async function startRecord(context: { log: TopicLog; store: Store; logger: Logger }): Promise<Running> {
  const { log, store, logger } = context
  const writer = createBatchWriter(store, limits)
  const erasures = openErasureList(store)
  const consumer = await log.consume({
    topics,
    group: 'record',
    maxBatch,
    gatherMs,
    handle: async (batch) => {
      const { kept, erased } = await withoutErased(batch, erasures)
      await writer.write(rowsOfBatch(kept, erased))
    },
    onFatal: (err) => {
      logger.fatal({ err }, 'record can no longer read the log: the process ends')
      process.exit(1)
    },
  })
  const settling = keepSettling({ store, logger })
  return {
    async stop() {
      await settling.stop()
      await consumer.stop()
      await writer.close()
    },
  }
}
