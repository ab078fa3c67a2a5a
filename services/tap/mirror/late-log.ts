import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, isRetryable, UnderstudyError } from '../../../shared/errors.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Logger } from '../../../shared/logger.ts'

export type LateLog = Pick<TopicLog, 'publish' | 'close'>

/**
 * A log that may be published to before it can be opened: a tap serves while its log is away. Nothing is published to a
 * topic that may not exist yet.
 */
export function createLateLog(open: () => Promise<TopicLog>, logger: Logger): LateLog {
  const closing = new AbortController()
  const opened = openPatiently()
  opened.catch(() => {})

  async function openPatiently(): Promise<TopicLog> {
    const log = await patiently('the log cannot be opened; answers are served all the same', open, () => true)
    await patiently('the log does not answer yet; answers are served all the same', () => log.prepare(), isRetryable)
      // Without the right to create topics those that are there may still do.
      .catch((err: unknown) =>
        logger.error({ code: errorCode(err), message: messageOf(err) }, 'log cannot be prepared'),
      )
    return log
  }

  async function patiently<T>(
    trouble: string,
    work: () => Promise<T>,
    mayRetry: (err: unknown) => boolean,
  ): Promise<T> {
    for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        return await work()
      } catch (err) {
        if (!mayRetry(err) || closing.signal.aborted) throw err
        logger.warn({ code: errorCode(err), message: messageOf(err), waitMs }, trouble)
        await sleep(waitMs, undefined, { signal: closing.signal })
      }
    }
  }

  return {
    publish: async (topic, records) => (await opened).publish(topic, records),
    async close() {
      closing.abort()
      await opened.then(
        (log) => log.close(),
        () => {},
      )
    },
  }
}

/** The log's own errors name files, brokers and cures, never a payload; others may. */
function messageOf(err: unknown): string | undefined {
  return err instanceof UnderstudyError ? err.message : undefined
}
