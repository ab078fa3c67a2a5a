import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../../shared/logger.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { topicLogContract } from './contract.ts'

topicLogContract(async (work) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-log-'))
  const opened: TopicLog[] = []
  const open = async () => {
    const log = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger: silentLogger, clientId: 'test' })
    opened.push(log)
    return log
  }
  try {
    await work(open)
  } finally {
    await Promise.all(opened.map((log) => log.close()))
    rmSync(folder, { recursive: true, force: true })
  }
})
