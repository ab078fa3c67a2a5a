import { type Store } from '../../../shared/store/store.ts'
import { type Check, ok, warn } from './check.ts'
import { size } from './disk.ts'

type Asked = Pick<Store, 'query'>

/** A replica further behind than this answers for a time that is past. */
const longDelaySeconds = 300
const largeLogBytes = 1e9

/** What only a ClickHouse server has: replicas, and logs of its own. Nothing of what this user may not read. */
export async function checkServer(store: Asked): Promise<Check[]> {
  return [...(await readable(checkReplicas(store))), ...(await readable(checkLogs(store)))]
}

const readable = (checks: Promise<Check[]>): Promise<Check[]> => checks.catch(() => [])

async function checkReplicas(store: Asked): Promise<Check[]> {
  const title = 'store replicas'
  const rows = await store.query<{
    table: string
    isReadOnly: number
    delaySeconds: number
    active: number
    all: number
  }>(
    `SELECT table, toFloat64(is_readonly OR is_session_expired) AS isReadOnly, toFloat64(absolute_delay) AS delaySeconds,
       toFloat64(active_replicas) AS active, toFloat64(total_replicas) AS all
     FROM system.replicas WHERE database = currentDatabase() ORDER BY isReadOnly DESC, delaySeconds DESC`,
  )
  const [worst] = rows
  if (worst === undefined) return []
  if (worst.isReadOnly === 1) {
    const cure =
      'look at zookeeper_exception in system.replicas: the server has lost its Keeper, or SYSTEM RESTORE REPLICA is due'
    return [warn(title, `${worst.table} takes no inserts here`, cure)]
  }
  if (worst.delaySeconds > longDelaySeconds) {
    const cure = 'look at last_exception in system.replication_queue'
    return [warn(title, `${worst.table} is ${worst.delaySeconds} s behind the other replicas`, cure)]
  }
  const away = rows.find(({ active, all }) => active < all)
  if (away !== undefined) {
    const cure = 'start the server that is away, or take it out with SYSTEM DROP REPLICA'
    return [warn(title, `${away.table} has ${away.active} of its ${away.all} replicas`, cure)]
  }
  return [ok(title, `${rows.length} tables, at most ${worst.delaySeconds} s behind`)]
}

/** The server's logs about itself grow for ever unless they expire. */
async function checkLogs(store: Asked): Promise<Check[]> {
  const title = 'store logs'
  const rows = await store.query<{ name: string; bytes: number }>(
    `SELECT name, toFloat64(ifNull(total_bytes, 0)) AS bytes FROM system.tables
     WHERE database = 'system' AND endsWith(name, '_log') AND engine LIKE '%MergeTree' AND position(engine_full, 'TTL ') = 0
     ORDER BY bytes DESC`,
  )
  const [largest] = rows
  if (largest === undefined) return []
  const told = `${rows.length} of the server's own tables never expire, the largest is ${largest.name} with ${size(largest.bytes)}`
  if (largest.bytes < largeLogBytes) return [ok(title, told)]
  const cure = `ALTER TABLE system.${largest.name} MODIFY TTL event_date + INTERVAL 7 DAY, or infra/compose/clickhouse-logs.xml in config.d`
  return [warn(title, told, cure)]
}
