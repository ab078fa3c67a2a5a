import { type LogRecord, type Topic, type TopicLog } from '../../shared/log/topic-log.ts'

/**
 * A log that is opened when something is first published, and again at the next publish where that failed: nothing
 * waits for it before.
 */
export function createLazyLog(open: () => Promise<TopicLog>): Pick<TopicLog, 'publish' | 'close'> {
  let opened: Promise<TopicLog> | null = null

  async function openPrepared(): Promise<TopicLog> {
    const log = await open()
    try {
      await log.prepare()
      return log
    } catch (err) {
      await log.close().catch(() => {})
      throw err
    }
  }

  function current(): Promise<TopicLog> {
    if (opened !== null) return opened
    const opening = openPrepared()
    opened = opening
    opening.catch(() => (opened = null))
    return opening
  }

  return {
    async publish(topic: Topic, records: LogRecord[]) {
      await (await current()).publish(topic, records)
    },
    async close() {
      const log = await opened?.catch(() => null)
      await log?.close()
    },
  }
}
