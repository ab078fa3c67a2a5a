import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, isRetryable, UnderstudyError } from '../../../shared/errors.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Logger } from '../../../shared/logger.ts'

export type LateLog = Pick<TopicLog, 'publish' | 'close'> & {
  /** It took what it was given last; before that, it could be opened and prepared. */
  isUp(): boolean
  /** What was tried last failed. Before anything was tried it is neither up nor away. */
  isAway(): boolean
}

export type LateLogOptions = {
  open: () => Promise<TopicLog>
  logger: Logger
  /** A log that has taken nothing for so long is opened anew: its client may be what is broken. */
  reopenAfterMs?: number
}

/**
 * A log that may be published to before it can be opened: a tap serves while its log is away. Nothing is published to a
 * topic that may not exist yet.
 */
export function createLateLog({ open, logger, reopenAfterMs = 60_000 }: LateLogOptions): LateLog {
  const closing = new AbortController()
  let opened = openPatiently()
  let failingSinceMs: number | null = null
  let state: 'unknown' | 'up' | 'away' = 'unknown'

  function openPatiently(): Promise<TopicLog> {
    const log = openAndPrepare()
    log.catch(() => {})
    return log
  }

  async function openAndPrepare(): Promise<TopicLog> {
    const log = await patiently('the log cannot be opened; answers are served all the same', open, () => true)
    try {
      await patiently('the log does not answer yet; answers are served all the same', () => log.prepare(), isRetryable)
      state = 'up'
    } catch (err) {
      // Without the right to create topics those that are there may still do.
      const told = { code: errorCode(err), message: messageOf(err) }
      if (!closing.signal.aborted) logger.error(told, 'log cannot be prepared')
    }
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
        state = 'away'
        logger.warn({ code: errorCode(err), message: messageOf(err), waitMs }, trouble)
        await sleep(waitMs, undefined, { signal: closing.signal })
      }
    }
  }

  function failed(log: TopicLog): void {
    state = 'away'
    const nowMs = performance.now()
    failingSinceMs ??= nowMs
    if (nowMs - failingSinceMs < reopenAfterMs || closing.signal.aborted) return
    failingSinceMs = null
    logger.warn({ reopenAfterMs }, 'the log has taken nothing for long and is opened anew')
    log.close().catch(() => {})
    opened = openPatiently()
  }

  return {
    async publish(topic, records) {
      const log = await opened
      try {
        await log.publish(topic, records)
        failingSinceMs = null
        state = 'up'
      } catch (err) {
        if (isRetryable(err)) failed(log)
        throw err
      }
    },
    isUp: () => state === 'up',
    isAway: () => state === 'away',
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
