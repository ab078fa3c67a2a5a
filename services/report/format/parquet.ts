import { type Config } from '../../../shared/config/schema.ts'
import { type Store } from '../../../shared/store/store.ts'
import { candidatesOf, periodOf, type VerdictQuery } from '../load-verdicts.ts'

/**
 * The comparisons behind a report, as Parquet: every candidate as it is configured now, comparable or not, without the texts
 * of answers. Columns are those of `comparisons_unique`.
 */
export async function comparisonsAsParquet(
  store: Pick<Store, 'queryBytes'>,
  config: Config,
  query: VerdictQuery,
): Promise<Buffer> {
  const { since, until } = periodOf(query)
  const fingerprints = candidatesOf(config, query.candidate).map(({ name, fingerprint }) => `${name} ${fingerprint}`)
  return await store.queryBytes(parquetSql, 'Parquet', {
    fingerprints,
    sinceMs: since?.getTime() ?? 0,
    untilMs: until.getTime(),
  })
}

const parquetSql = `
SELECT * EXCEPT (served_excerpt, arm_excerpt, differences)
FROM comparisons_unique
WHERE has({fingerprints:Array(String)}, concat(arm, ' ', arm_fingerprint))
  AND captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
ORDER BY arm, captured_at, exchange_id`
