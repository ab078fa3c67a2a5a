import assert from 'node:assert/strict'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { type Store } from '../../../shared/store/store.ts'
import { arms } from './scene.ts'
import { type Answered } from './traffic.ts'

type Hour = { hour: string; route: string }

/** Answers that end together may be mirrored in another order, and be noticed here after the tap is gone. */
const togetherMs = 1_000
/** What a tap held is told on the disk twice a second, in processes that have to wait for their turn. */
const toldWithinMs = 5_000

/** A tap that was killed. `isUp`: its mirror was seen to run before. */
export type KilledTap = { isUp: boolean; killedAtMs: number }
export type Seen = { answered: readonly Answered[]; killedTaps: readonly KilledTap[] }

/**
 * Opens the store, which nobody may hold, and holds it against what clients saw: nothing that was safe is missing, nothing counts
 * twice, and the ledger is even, by hour, route and arm. Returns what it came to, for people.
 */
export async function assertBalanced(storeFolder: string, seen: Seen): Promise<string> {
  const store = await openEmbedded(storeFolder, 'embedded')
  try {
    const { stored, missing } = await assertEveryExchange(store, seen)
    await assertEveryArm(store)
    const killed = await assertLedger(store)
    assert.ok(missing <= killed, `${missing} are missing that a tap had time to tell of, ${killed} are counted`)
    assert.deepEqual(await store.query('SELECT * FROM dead_letters'), [])
    return `${seen.answered.length} answers, ${stored} exchanges stored, ${killed} counted as lost with their tap`
  } finally {
    await store.close()
  }
}

/** `missing`: of those that were not a killed tap's last. */
type Exchanges = { stored: number; missing: number }

async function assertEveryExchange(store: Store, { answered, killedTaps }: Seen): Promise<Exchanges> {
  const rows = await store.query<{ number: number; times: number }>(
    `SELECT toUInt32(extract(assumeNotNull(request_body), 'Which colour has (\\\\d+)')) AS number, toFloat64(uniqExact(exchange_id)) AS times
     FROM exchange_bodies GROUP BY number`,
  )
  const times = new Map(rows.map((row) => [row.number, row.times]))
  const missing = answered.filter((each) => !times.has(each.number))
  assert.deepEqual(missing.filter(isNoEnd), [], 'missing, and not the last that a killed tap had seen')

  /**
   * A killed tap may lose what came last: half a second of it, and more on a machine so busy that its mirror, which takes the lowest
   * priority, does not get its turn. But nothing is lost that came before something that was kept.
   */
  function isNoEnd({ atMs }: Answered): boolean {
    const killedAtMs = killerOf(atMs)?.killedAtMs ?? Infinity
    return answered.some(
      (other) => other.atMs > atMs + togetherMs && other.atMs < killedAtMs && times.has(other.number),
    )
  }
  assert.deepEqual(
    [...times.values()].filter((each) => each > 1),
    [],
    'requests that are more than one exchange',
  )
  return { stored: rows.length, missing: missing.filter(({ atMs }) => !isLast(atMs)).length }

  function killerOf(atMs: number): KilledTap | undefined {
    return killedTaps.find(({ killedAtMs }) => killedAtMs > atMs - togetherMs)
  }
  function isLast(atMs: number): boolean {
    const { isUp, killedAtMs } = killerOf(atMs) ?? { isUp: true, killedAtMs: Infinity }
    return !isUp || atMs > killedAtMs - toldWithinMs
  }
}

/** Every exchange has one observation and one comparison for each arm. */
async function assertEveryArm(store: Store): Promise<void> {
  const hours = await store.query<Hour & { exchanges: number }>(
    `SELECT toStartOfHour(captured_at) AS hour, route, toFloat64(count()) AS exchanges FROM exchanges_unique
     GROUP BY hour, route ORDER BY hour, route`,
  )
  const wanted = hours.flatMap(({ hour, route, exchanges }) =>
    arms.map((arm) => ({ hour, route, arm, rows: exchanges, exchanges })),
  )
  for (const table of ['observations_unique', 'comparisons_unique']) {
    const counted = await store.query(
      `SELECT toStartOfHour(captured_at) AS hour, route, arm, toFloat64(count()) AS rows, toFloat64(uniqExact(exchange_id)) AS exchanges
       FROM ${table} WHERE exchange_id IN (SELECT exchange_id FROM exchanges) GROUP BY hour, route, arm ORDER BY hour, route, arm`,
    )
    assert.deepEqual(counted, wanted, table)
    const strangers = `SELECT count() AS n FROM ${table} WHERE exchange_id NOT IN (SELECT exchange_id FROM exchanges)`
    assert.deepEqual(await store.query(strangers), [{ n: 0 }], `${table} of exchanges that are not stored`)
  }
}

type Line = Hour & { served: number; accounted: number; published: number; killed: number; stored: number }

/** How many exchanges went with a tap that was killed. */
async function assertLedger(store: Store): Promise<number> {
  const lines = await store.query<Line>(
    `SELECT hour, route, served, accounted, published, killed, stored FROM
     (SELECT hour, route, toFloat64(sumIf(count, outcome = 'served')) AS served, toFloat64(sumIf(count, outcome != 'served')) AS accounted,
        toFloat64(sumIf(count, outcome = 'published')) AS published, toFloat64(sumIf(count, reason = 'tap_killed')) AS killed
      FROM ledger_unique WHERE stage = 'tap' GROUP BY hour, route) AS counted
     LEFT JOIN
     (SELECT toDateTime64(toStartOfHour(captured_at), 3, 'UTC') AS hour, route, toFloat64(count()) AS stored FROM exchanges_unique GROUP BY hour, route) AS stored
     USING (hour, route) ORDER BY hour, route`,
  )
  assert.ok(lines.length > 0)
  // What a tap had not come to is counted on no route of its own.
  const sums = Map.groupBy(lines, ({ hour }) => hour)
  for (const { hour, route, served, accounted, published, stored } of lines) {
    const where = `${route} in the hour of ${hour}`
    assert.equal(served, accounted, `${where}: served, and what became of it`)
    assert.ok(published <= stored, `${where}: ${published} published, ${stored} stored`)
    const killed = sums.get(hour)!.reduce((sum, line) => sum + line.killed, 0)
    // A tap may be killed between the log's answer and its own count.
    assert.ok(stored <= published + killed, `${where}: ${stored} stored, ${published} published, ${killed} lost`)
  }
  return lines.reduce((sum, { killed }) => sum + killed, 0)
}
