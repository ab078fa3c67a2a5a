import { type Config } from '../../../shared/config/schema.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { createLogger } from '../../../shared/logger.ts'
import { versionOfConfig } from '../../compare/config-version.ts'
import { startPool } from '../../compare/main.ts'
import { rescore, type Rescored } from '../../compare/rescore/rescore.ts'
import { candidatesOf } from '../../report/load-verdicts.ts'
import { parseQuery, VerdictParameters } from '../../report/query.ts'
import { usage } from '../input-file.ts'
import { withReader } from '../reader.ts'

export type RescoreOptions = { since?: string; until?: string; candidate?: string }
export type RescoreReport = Rescored & { scorerVersion: string }

/** Reads as any reader does, and publishes to the log: whoever owns the store records it, now or when it runs next. */
export async function rescoreStored(config: Config, options: RescoreOptions): Promise<RescoreReport> {
  if (options.since === undefined) throw usage('say from when on: understudy compare --rescore --since 7d')
  const timeOf = (text: string) => parseQuery(VerdictParameters, { since: text }).since!
  const span = { since: timeOf(options.since), until: options.until === undefined ? new Date() : timeOf(options.until) }
  if (options.candidate !== undefined) candidatesOf(config, options.candidate)
  const versionAt = await versionOfConfig(config)
  const pool = await startPool({ config })
  try {
    const logger = createLogger('compare', 'warn')
    const log = await openTopicLog(config.log, { logger, clientId: 'understudy-cli' })
    try {
      await log.prepare()
      const rescored = await withReader(config, (store) =>
        rescore(span, options.candidate, { store, log, pool, versionAt }),
      )
      return { scorerVersion: versionAt(new Date()), ...rescored }
    } finally {
      await log.close()
    }
  } finally {
    await pool.close()
  }
}

export function describeRescored(report: RescoreReport): string {
  const { rescored, changed, changedOutcome, current, withoutBodies, judged, failed } = report
  const rest: [number, string][] = [
    [current, 'made by this version already'],
    [withoutBodies, 'left as they are: what was said is no longer stored (retention.bodiesDays)'],
    [judged, 'left as they are: a judge decided them, who is not asked again'],
    ...Object.entries(failed).map(([code, count]): [number, string] => [count, `left as they are: ${code}, twice`]),
  ]
  return [
    `${rescored} comparisons made again by version ${report.scorerVersion}: ${changed} with another quality or outcome`,
    ...changedOutcome.map(({ from, to, comparisons }) => `  ${comparisons} ${from} became ${to}`),
    ...rest.flatMap(([count, what]) => (count === 0 ? [] : [`  ${count} ${what}`])),
    ...(rescored === 0 ? [] : ['they are in the report as soon as `record` has stored them']),
  ].join('\n')
}
