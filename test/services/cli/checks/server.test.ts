import { deepEqual, equal, match } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { checkServer } from '../../../../services/cli/checks/server.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'
import { migratedStore } from '../../../support/migrated-store.ts'

const store = await migratedStore()

/** A server that answers with these rows; the engine at hand has neither replicas nor a Keeper. */
const serverWith = (rows: object[]) => ({
  query: <Row>(sql: string) => Promise.resolve((sql.includes('system.replicas') ? rows : []) as Row[]),
})
const replica = { table: 'comparisons_local', isReadOnly: 0, delaySeconds: 2, active: 2, all: 2 }

test('what is asked is taken by the engine, and one server without replicas has nothing to say', async () => {
  deepEqual(await checkServer(store), [])
})

for (const [what, row, state, detail] of [
  ['is in step', {}, 'ok', /^1 tables, at most 2 s behind$/],
  ['takes no inserts', { isReadOnly: 1 }, 'warn', /^comparisons_local takes no inserts here$/],
  ['is behind', { delaySeconds: 900 }, 'warn', /^comparisons_local is 900 s behind/],
  ['has lost another', { active: 1 }, 'warn', /^comparisons_local has 1 of its 2 replicas$/],
] as const) {
  test(`a replica that ${what} is told`, async () => {
    const [check] = await checkServer(serverWith([{ ...replica, ...row }]))
    equal(check!.state, state)
    match(check!.detail, detail)
  })
}

test('logs of the server’s own that never expire are told; those that do are not', async () => {
  const columns = '(event_date Date, text String) ENGINE = MergeTree ORDER BY event_date'
  await store.command(`CREATE TABLE system.kept_log ${columns}`)
  await store.command(`CREATE TABLE system.passing_log ${columns} TTL event_date + INTERVAL 7 DAY`)
  after(async () => {
    for (const name of ['kept_log', 'passing_log']) await store.command(`DROP TABLE system.${name}`)
  })
  const [check] = await checkServer(store)
  equal(check!.state, 'ok')
  match(check!.detail, /^1 of the server's own tables never expire, the largest is kept_log/)
})

test('what this user may not read is left out', async () => {
  const refused = new UnderstudyError('STORE_QUERY_FAILED', 'not allowed')
  deepEqual(await checkServer({ query: () => Promise.reject(refused) }), [])
})

test('the file that compose mounts lets every log that is kept expire', () => {
  const xml = readFileSync(new URL('../../../../infra/compose/clickhouse-logs.xml', import.meta.url), 'utf8')
  const logs = [...xml.matchAll(/^ {4}<(\w+_log)(.*)$/gm)]
  equal(logs.length, 14)
  for (const [, name, rest] of logs) {
    match(rest!, /^ remove="1"\/>$|^><ttl>event_date \+ INTERVAL \d+ DAY DELETE<\/ttl><\/\w+>$/, name!)
  }
})
