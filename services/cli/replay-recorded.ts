import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config } from '../../shared/config/schema.ts'
import { uuidv7 } from '../../shared/ids.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { createLogger } from '../../shared/logger.ts'
import { upstreamChooser } from './import/copy-of-entry.ts'
import { createEntryReader } from './import/entry-reader.ts'
import { importAll, sourceOf } from './import.ts'

export type Recorded = {
  /** `waiting`: what replay has not asked yet. `recorded`: nothing waits, so it is what the log still holds. */
  of: 'waiting' | 'recorded' | 'file'
  values: Iterable<Buffer>
}

/** Reads beside the stages: no group is made that would keep records from being removed. */
export async function recordedExchanges(config: Config, wanted: Recorded['of'] = 'waiting'): Promise<Recorded> {
  return 'embedded' in config.log ? embeddedExchanges(config.log.embedded, wanted) : kafkaExchanges(config)
}

function embeddedExchanges(file: string, wanted: Recorded['of']): Recorded {
  if (!existsSync(file)) return { of: 'recorded', values: [] }
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  const waiting = `SELECT r.value FROM records r LEFT JOIN claims c
    ON c.consumer_group = 'replay' AND c.topic = r.topic AND c.partition = r.partition
    WHERE r.topic = 'exchanges' AND r.offset >= coalesce(c.committed, 0)`
  const isAnyWaiting = wanted === 'waiting' && db.prepare(`${waiting} LIMIT 1`).get() !== undefined
  const sql = isAnyWaiting ? waiting : `SELECT value FROM records WHERE topic = 'exchanges'`
  function* values(): Iterable<Buffer> {
    try {
      for (const { value } of db.prepare(sql).iterate()) yield Buffer.from(value as Uint8Array)
    } finally {
      db.close()
    }
  }
  return { of: isAnyWaiting ? 'waiting' : 'recorded', values: values() }
}

async function kafkaExchanges(config: Config): Promise<Recorded> {
  const values: Buffer[] = []
  await withLog(config, async (log) => {
    const group = `estimate-${uuidv7()}`
    const consumer = await log.consume({
      topics: ['exchanges'],
      group,
      maxBatch: 500,
      handle: (batch) => {
        for (const { value } of batch) values.push(value)
        return Promise.resolve()
      },
      onFatal: (err) => {
        throw err
      },
    })
    while ((await log.lag(group, 'exchanges')) > 0) await sleep(200)
    await consumer.stop()
  })
  return { of: 'recorded', values }
}

export async function withLog(config: Config, work: (log: TopicLog) => Promise<void>): Promise<void> {
  const log = await openTopicLog(config.log, { logger: createLogger('replay', 'warn'), clientId: 'understudy-replay' })
  try {
    await work(log)
  } finally {
    await log.close()
  }
}

/** What `understudy import` would take of a file; nothing is imported. */
export async function exchangesOfFile(file: string, config: Config): Promise<Recorded> {
  const values: Buffer[] = []
  const publish: TopicLog['publish'] = (topic, records) => {
    if (topic === 'exchanges') values.push(...records.map(({ value }) => Buffer.from(value)))
    return Promise.resolve()
  }
  const upstreamOf = upstreamChooser(config.tap.upstreams, undefined)
  const read = createEntryReader(config, { upstreamOf, source: 'import' })
  await importAll([await sourceOf(file)], read, { publish })
  return { of: 'file', values }
}
