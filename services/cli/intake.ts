import { type Config } from '../../shared/config/schema.ts'
import { errorCode } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { type Intake } from '../report/main.ts'
import { createLedger } from '../tap/ledger.ts'
import { upstreamChooser } from './import/copy-of-entry.ts'
import { createEntryReader, type EntryReader, type ReadEntry } from './import/entry-reader.ts'
import { UnusableEntry, unusableReasons } from './import/unusable.ts'
import { createLazyLog } from './lazy-log.ts'

export type IntakeOptions = {
  config: Pick<Config, 'tap' | 'routes' | 'log'>
  /** Undefined: this process has no other use for it, so it is opened when the first exchange comes. */
  log: Pick<TopicLog, 'publish'> | undefined
  logger: Logger
}

const clientId = 'understudy-intake'

/** Counts that the log did not take are tried again after so long. */
const retryMs = 5_000

/** Exchanges that are handed in one by one or in batches go the way of an import. */
export function startIntake({ config, log, logger }: IntakeOptions): Intake & Running {
  const own = log === undefined ? createLazyLog(() => openTopicLog(config.log, { logger, clientId })) : null
  const { publish } = log ?? own!
  const ledger = createLedger((records) => publish('ledger', records), { stage: 'import' })
  let retry: NodeJS.Timeout | undefined

  /** The exchanges are in the log: counts that are not yet there must not make the caller send them again. */
  async function flush(): Promise<void> {
    clearTimeout(retry)
    try {
      await ledger.flush()
    } catch (err) {
      logger.warn({ code: errorCode(err) }, 'the log does not take the counts of what was handed in: trying again')
      retry = setTimeout(() => void flush(), retryMs).unref()
    }
  }

  return {
    async take(texts, upstream) {
      const upstreamOf = upstreamChooser(config.tap.upstreams, upstream)
      const read = createEntryReader(config, { upstreamOf, source: 'api' })
      const { usable, refused } = await readAll(texts, read)
      // One publish: after a failure the caller sends all of it again, and ids collapse what had arrived.
      if (usable.length > 0)
        await publish(
          'exchanges',
          usable.map(({ record }) => record),
        )
      for (const { key } of usable) {
        ledger.count(key, 'served')
        ledger.count(key, 'published')
      }
      await flush()
      return { items: texts.length, accepted: usable.length, refused }
    },
    async stop() {
      await flush()
      clearTimeout(retry)
      await own?.close()
    },
  }
}

async function readAll(texts: readonly string[], read: EntryReader) {
  const usable: ReadEntry[] = []
  const refused: { item: number; reason: string; message: string }[] = []
  for (const [item, text] of texts.entries()) {
    try {
      usable.push(await read(text, new Date()))
    } catch (err) {
      if (!(err instanceof UnusableEntry)) throw err
      refused.push({ item, reason: err.reason, message: unusableReasons[err.reason] })
    }
  }
  return { usable, refused }
}
