import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { createLogDatabase, type DatabaseOptions, type LogDatabase } from '../../../../shared/log/embedded/database.ts'
import { packRecords } from '../../../../shared/log/embedded/packed-records.ts'
import { type Claim, type Member } from '../../../../shared/log/embedded/membership.ts'

const start = Date.UTC(2026, 10, 21)

/** A database whose clock stands still until `context.mock.timers.tick` moves it. */
function aDatabase(context: TestContext, options: Partial<DatabaseOptions> = {}): LogDatabase {
  context.mock.timers.enable({ apis: ['Date'], now: start })
  return openIn(context, options)
}

function openIn(context: Pick<TestContext, 'after'>, options: Partial<DatabaseOptions> = {}): LogDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-log-'))
  const retention = { keepMs: 60_000, keepBytes: 1024 ** 3 }
  const database = createLogDatabase({ file: join(folder, 'log.db'), leaseMs: 10_000, retention, ...options })
  context.after(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return database
}

const aMember = (member: string): Member => ({ group: 'replay', member, topics: ['exchanges'] })
const records = (count: number) =>
  packRecords(Array.from({ length: count }, (_, index) => ({ key: `key-${index}`, value: 'x'.repeat(1_000) })))

function drain(database: LogDatabase, member: Member): number {
  let drained = 0
  for (let batch = database.fetch(member, 10, 1, null)[0]; batch; batch = database.fetch(member, 10, 1, null)[0]) {
    assert.ok(database.commit(member, batch.claim, batch.records.at(-1)!.offset + 1))
    drained += batch.records.length
  }
  return drained
}

test('a commit by a former owner is refused: the records are somebody else’s', (context) => {
  const database = aDatabase(context)
  const [old, young] = [aMember('old'), aMember('young')]
  database.publish('exchanges', records(1))
  database.refreshMember(old, [])
  const batch = database.fetch(old, 10, 1, null)[0]!
  context.mock.timers.tick(10_000)
  assert.equal(database.refreshMember(young, []).length, 8)
  assert.equal(database.commit(old, batch.claim, 1), false)
  assert.deepEqual(database.fetch(old, 10, 1, null), [])
  assert.equal(drain(database, young), 1)
})

test('a member that was only slow keeps its partitions if nobody took them', (context) => {
  const database = aDatabase(context)
  const slow = aMember('slow')
  database.publish('exchanges', records(1))
  const claims = database.refreshMember(slow, [])
  const batch = database.fetch(slow, 10, 1, null)[0]!
  context.mock.timers.tick(60_000)
  assert.deepEqual(database.refreshMember(slow, []), claims)
  assert.equal(database.commit(slow, batch.claim, 1), true)
})

test('a partition in hand is given away only when its batch is done', (context) => {
  const database = aDatabase(context)
  const [first, second] = [aMember('first'), aMember('second')]
  const busy = database.refreshMember(first, [])[1]!
  database.refreshMember(second, [])
  const kept = database.refreshMember(first, [busy])
  assert.ok(kept.some((claim) => claim.partition === busy.partition))
  assert.equal(kept.length, 5)
  assert.equal(database.refreshMember(second, []).length, 3)
  assert.equal(database.refreshMember(first, []).length, 4)
  assert.equal(database.refreshMember(second, []).length, 4)
})

test('a clock that was set back does not keep the partitions of the dead', (context) => {
  const database = aDatabase(context)
  database.refreshMember(aMember('dead'), [])
  context.mock.timers.setTime(start - 3_600_000)
  assert.equal(database.refreshMember(aMember('living'), []).length, 8)
})

test('committed records are removed after a while, the others never', (context) => {
  const database = aDatabase(context)
  const member = aMember('one')
  const behind: Member = { group: 'record', member: 'behind', topics: ['exchanges'] }
  database.publish('exchanges', records(20))
  database.publish('observations', records(5))
  database.refreshMember(member, [])
  database.refreshMember(behind, [])
  assert.equal(drain(database, member), 20)
  context.mock.timers.tick(61_000)
  database.sweep()
  database.refreshMember(behind, [])
  assert.equal(drain(database, behind), 20)

  database.sweep()
  assert.equal(database.lag('newcomer', 'exchanges'), 0)
  assert.equal(database.lag('newcomer', 'observations'), 5)
  database.publish('exchanges', records(1))
  const newcomer: Member = { group: 'newcomer', member: 'new', topics: ['exchanges'] }
  database.refreshMember(newcomer, [])
  assert.equal(drain(database, newcomer), 1)
})

test('a file over its size is relieved of committed records before their time', (context) => {
  const database = aDatabase(context, { retention: { keepMs: 3_600_000, keepBytes: 100_000 } })
  const member = aMember('one')
  database.publish('exchanges', records(500))
  database.refreshMember(member, [])
  assert.equal(drain(database, member), 500)
  for (let round = 0; round < 10 && database.sweep(); round++);
  assert.equal(database.lag('newcomer', 'exchanges'), 0)
})

test('one group’s partitions are shared evenly, each owned by one member, whoever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 25 }), (steps) => {
      const cleanUps: (() => void)[] = []
      const database = openIn({ after: (cleanUp) => cleanUps.push(cleanUp as () => void) })
      const claims = new Map<string, Claim[]>()
      for (const step of steps) {
        const name = `member-${step}`
        // Whoever is there leaves, whoever is not comes; then everybody hears of it, gives back, and takes.
        if (claims.delete(name)) database.leave(aMember(name))
        else claims.set(name, [])
        for (const member of [...claims.keys(), ...claims.keys(), ...claims.keys()]) {
          claims.set(member, database.refreshMember(aMember(member), []))
        }
        const owned = [...claims.values()].flatMap((own) => own.map((claim) => claim.partition))
        assert.equal(new Set(owned).size, owned.length)
        const shares = [...claims.values()].map((own) => own.length)
        if (shares.length > 0) assert.equal(owned.length, 8)
        if (shares.length > 0) assert.ok(Math.max(...shares) - Math.min(...shares) <= 1)
      }
      for (const cleanUp of cleanUps) cleanUp()
    }),
    { numRuns: 10 },
  )
})
