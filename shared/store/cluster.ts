import { UnderstudyError } from '../errors.ts'
import { quoted } from './quoted.ts'

/**
 * What one statement becomes on a cluster. Each table is two: `NAME_local`, replicated, on every shard, and `NAME` over all of
 * them, which is the one that is written to and asked. A row lies on the shard of its id (the first column), so that what is
 * delivered twice still meets its first copy. The server fills in `{shard}` and `{replica}`: https://clickhouse.com/docs/engines/table-engines/mergetree-family/replication
 */
export function onCluster(statement: string, cluster: string): string[] {
  const at = ` ON CLUSTER ${quoted(cluster)}`
  const [, head = '', name = '', rest = ''] = statements.exec(statement) ?? []
  switch (head.replaceAll(/\s+/g, ' ').toUpperCase()) {
    case 'CREATE TABLE IF NOT EXISTS':
      return [
        `${head} ${name}_local${at}${replicated(rest)}`,
        `${head} ${name}${at} AS ${name}_local ENGINE = ` +
          `Distributed(${quoted(cluster)}, currentDatabase(), ${quoted(`${name}_local`)}, cityHash64(${firstColumn(rest)}))`,
      ]
    case 'ALTER TABLE':
      return onlyLocal.test(rest)
        ? [`${head} ${name}_local${at}${rest}`]
        : [`${head} ${name}_local${at}${rest}`, `${head} ${name}${at}${rest}`]
    case 'DELETE FROM':
    case 'OPTIMIZE TABLE':
    case 'TRUNCATE TABLE':
      return [`${head} ${name}_local${at}${rest}`]
    case 'DROP TABLE IF EXISTS':
      return [`${head} ${name}${at}${rest}`, `${head} ${name}_local${at}${rest}`]
    case 'INSERT INTO':
      // From one table over all shards into another.
      return [statement]
    case 'CREATE OR REPLACE VIEW':
      return [`${head} ${name}${at}${rest}`]
    case 'CREATE MATERIALIZED VIEW IF NOT EXISTS':
      // Each shard adds up what it holds.
      return [`${head} ${name}${at}${rest.replaceAll(/\b(TO|FROM)\s+(\w+)/g, '$1 $2_local')}`]
    default:
      throw new UnderstudyError('INTERNAL', `nobody has said what this is on a cluster: ${statement.slice(0, 80)}`)
  }
}

const statements =
  /^(CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS|CREATE\s+OR\s+REPLACE\s+VIEW|CREATE\s+MATERIALIZED\s+VIEW\s+IF\s+NOT\s+EXISTS|ALTER\s+TABLE|DELETE\s+FROM|OPTIMIZE\s+TABLE|TRUNCATE\s+TABLE|DROP\s+TABLE\s+IF\s+EXISTS|INSERT\s+INTO)\s+(\w+)(.*)$/is

/** Changes to how rows are kept and to rows, which the table over all shards does neither. */
const onlyLocal = /^\s*(MODIFY\s+(TTL|SETTING)|DELETE|UPDATE|MATERIALIZE|ADD\s+INDEX|(ADD|MODIFY)\s+PROJECTION)\b/i

function replicated(definition: string): string {
  return definition
    .replace(/\bENGINE\s*=\s*(\w*MergeTree)\b/i, 'ENGINE = Replicated$1')
    .replace(/\bnon_replicated_deduplication_window\b/, 'replicated_deduplication_window')
}

function firstColumn(definition: string): string {
  return /^\s*\(\s*(?:--[^\n]*\n\s*)*(\w+)/.exec(definition)![1]!
}

/** A row counts as stored when its shard has it, and a subquery is asked of all shards. */
export const clusterSettings = { distributed_foreground_insert: 1, distributed_product_mode: 'global' } as const
