import { hostname, userInfo } from 'node:os'
import { type Config } from '../../shared/config/schema.ts'
import { type Act, AuditEntry } from '../../shared/contracts/audit-entry.ts'
import { uuidv7 } from '../../shared/ids.ts'
import { encodeMessage } from '../../shared/log/messages.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { createLogger } from '../../shared/logger.ts'

/** Who sits at this command line, as the system says. */
export function personHere(): string {
  return `os:${userInfo().username}@${hostname()}`
}

export function auditEntry({ details = {}, ...act }: Act, actor: string): AuditEntry {
  return { version: 1, entryId: uuidv7(), at: new Date().toISOString(), actor, details, ...act }
}

export async function publishAudit(log: Pick<TopicLog, 'publish'>, act: Act, actor: string): Promise<void> {
  await log.publish('audit', [{ key: act.action, value: encodeMessage(AuditEntry, auditEntry(act, actor)) }])
}

/** Resolves when the log has it; `record` puts it into the table `audit_log`. */
export async function writeAudit(config: Pick<Config, 'log'>, act: Act, actor = personHere()): Promise<void> {
  const log = await openTopicLog(config.log, { logger: createLogger('audit', 'warn'), clientId: 'understudy-audit' })
  try {
    await log.prepare()
    await publishAudit(log, act, actor)
  } finally {
    await log.close()
  }
}
