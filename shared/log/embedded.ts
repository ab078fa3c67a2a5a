import { resolve } from 'node:path'
import { type Logger } from '../logger.ts'
import { startConsumer } from './embedded/consumer.ts'
import { packRecords } from './embedded/packed-records.ts'
import { type Retention } from './embedded/retention.ts'
import { startDatabase } from './embedded/worker-client.ts'
import { withDeadline } from './deadline.ts'
import { refuseTooLarge } from './record-size.ts'
import { type Consumer, type LogRecord, type Topic, type TopicLog } from './topic-log.ts'

export type EmbeddedLogOptions = {
  file: string
  logger: Logger
  /** A member that says nothing for so long is gone and its partitions are taken over. */
  leaseMs?: number
  heartbeatMs?: number
  retention?: Retention
}

/**
 * The log in one SQLite file, for any number of processes on one machine. `publish` returns when the records are on the
 * disk. `kill -9` loses nothing; a power cut may undo the last committed offsets, so their records are delivered again.
 */
export async function openEmbeddedLog({
  file,
  logger,
  leaseMs = 10_000,
  heartbeatMs = 1_000,
  retention = { keepMs: 3_600_000, keepBytes: 4 * 1024 ** 3 },
}: EmbeddedLogOptions): Promise<TopicLog> {
  const database = await startDatabase({ file: resolve(file), leaseMs, retention })
  const consumers = new Set<Consumer>()

  const slow = (timeoutMs: number) =>
    `The log ${file} gave no answer in ${timeoutMs} ms: the disk is slow, or another process keeps the file locked.`

  async function publish(topic: Topic, records: LogRecord[]): Promise<void> {
    refuseTooLarge(topic, records)
    const packed = packRecords(records)
    await database.call('publish', [topic, packed], [packed.memory])
    database.events.emit('changed')
  }

  const publishDeadLetter = (record: LogRecord) => publish('dead-letters', [record])

  return {
    publish,
    async consume(options) {
      const consumer = await startConsumer(options, { database, logger, heartbeatMs, publishDeadLetter })
      consumers.add(consumer)
      return consumer
    },
    prepare: () => database.call('prepare', []),
    ping: (timeoutMs) => withDeadline(database.call('ping', []), timeoutMs, slow(timeoutMs)),
    lag: (group, topic) => database.call('lag', [group, topic]),
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.stop()))
      await database.close()
    },
  }
}
