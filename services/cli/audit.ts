import { type Command } from 'commander'
import { type Store } from '../../shared/store/store.ts'
import { parseQuery, VerdictParameters } from '../report/query.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { withReader } from './reader.ts'

type Listed = { at: string; actor: string; action: string; subject: string; details: unknown }

export function auditCommand(): Command {
  return command('audit', 'who exported, viewed, erased, paused, resumed or sent again, newest last')
    .option('--since <span|date>', 'only from then on: 7d, 12h, 2026-11-01')
    .action(async (options: CommonOptions & { since?: string }) => {
      const { since = new Date(0) } = parseQuery(VerdictParameters, { since: options.since })
      const entries = await withReader(configOf(options), (store) => listAudit(store, since))
      print(options, entries, describeAudit(entries))
    })
}

export async function listAudit(store: Pick<Store, 'query'>, since: Date): Promise<Listed[]> {
  const rows = await store.query<Omit<Listed, 'details' | 'at'> & { atMs: number; details: string }>(
    `SELECT toFloat64(toUnixTimestamp64Milli(at)) AS atMs, actor, action, subject, details FROM audit_log
     WHERE at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC') ORDER BY audit_log.at, entry_id LIMIT 1 BY entry_id`,
    { sinceMs: since.getTime() },
  )
  return rows.map(({ atMs, details, ...row }) => ({
    at: new Date(atMs).toISOString(),
    ...row,
    details: JSON.parse(details) as unknown,
  }))
}

function describeAudit(entries: readonly Listed[]): string {
  if (entries.length === 0) return 'nothing is in the audit log for this time'
  const width = Math.max(...entries.map(({ actor }) => actor.length))
  return entries
    .map(({ at, actor, action, subject, details }) => {
      const more = JSON.stringify(details)
      return `${at}  ${actor.padEnd(width)}  ${action.padEnd(11)}  ${subject}${more === '{}' ? '' : `  ${more}`}`
    })
    .join('\n')
}
