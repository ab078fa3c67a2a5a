import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { DeadLetter } from '../../../../shared/contracts/dead-letter.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { claimedLog } from '../../../../shared/log/claims/claimed-log.ts'
import { openClaimStore } from '../../../../shared/log/claims/claim-store.ts'
import { decodeMessage } from '../../../../shared/log/messages.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { maxRecordBytes } from '../../../../shared/log/record-size.ts'
import { type Delivery } from '../../../../shared/log/topic-log.ts'
import { eventually, startReader } from '../support.ts'

const rules = { overBytes: 10_000, keepDays: 14, logger: silentLogger }

/** A log below, the same log with claims, and the folder of what they stand for. */
async function start(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-claims-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const plain = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger: silentLogger, clientId: 'test' })
  context.after(() => plain.close())
  const shared = join(folder, 'shared')
  const store = await openClaimStore({ folder: shared, ...rules })
  const log = claimedLog(plain, store, rules)
  await log.prepare()
  context.after(() => log.close())
  const kept = () => readdirSync(join(shared, 'exchanges')).map((name) => join(shared, 'exchanges', name))
  return { plain, log, shared, store, kept }
}

test('a large record is read as it was published, and the log holds but a claim to it', async (context) => {
  const { plain, log, kept } = await start(context)
  const large = randomBytes(50_000)
  const small = '{"small":true}'
  const headers = { source: 'tap' }
  await log.publish('exchanges', [
    { key: 'käse', value: large, headers },
    { key: 'small', value: small },
  ])
  const below = await startReader(plain, { group: 'below' })
  const reader = await startReader(log)
  await eventually('both', () => reader.deliveries.length === 2 && below.deliveries.length === 2)

  const byKey = (deliveries: Delivery[], key: string) => deliveries.find((delivery) => delivery.key === key)!
  deepEqual(byKey(reader.deliveries, 'käse').value, large)
  deepEqual(byKey(reader.deliveries, 'käse').headers, headers)
  equal(byKey(reader.deliveries, 'small').value.toString(), small)
  ok(byKey(below.deliveries, 'käse').value.length < 200)
  equal(byKey(below.deliveries, 'small').value.toString(), small)
  equal(kept().length, 1)
})

test('a record that is small when it is packed stays in the log', async (context) => {
  const { plain, log } = await start(context)
  const value = JSON.stringify({ text: 'again and '.repeat(20_000) })
  await log.publish('exchanges', [{ key: 'a', value }])
  const below = await startReader(plain)
  await eventually('one', () => below.deliveries.length === 1)
  equal(below.deliveries[0]!.value.toString(), value)
})

test('a record over the limit of every log passes with its claim', async (context) => {
  const { plain, log } = await start(context)
  const value = Buffer.alloc(maxRecordBytes + 1, 'x')
  await rejects(plain.publish('exchanges', [{ key: 'a', value }]), { code: 'LOG_RECORD_TOO_LARGE' })
  await log.publish('exchanges', [{ key: 'a', value }])
  const reader = await startReader(log)
  await eventually('one', () => reader.deliveries.length === 1)
  ok(reader.deliveries[0]!.value.equals(value))
})

test('a claim that is published again, as a dead letter’s is, stays one claim', async (context) => {
  const { plain, log, kept } = await start(context)
  const value = randomBytes(50_000)
  await log.publish('exchanges', [{ key: 'a', value }])
  const below = await startReader(plain, { group: 'below' })
  await eventually('one', () => below.deliveries.length === 1)
  await log.publish('exchanges', [{ key: 'a', value: below.deliveries[0]!.value }])
  const reader = await startReader(log)
  await eventually('two', () => reader.deliveries.length === 2)
  ok(reader.deliveries.every((delivery) => delivery.value.equals(value)))
  equal(kept().length, 1)
})

for (const [what, harm, message] of [
  ['is gone', (file: string) => rmSync(file), /is not there any more/],
  ['is cut off', (file: string) => truncateSync(file, 100), /is not there any more/],
  ['is of another record', (file: string, other: string) => renameSync(other, file), /is not what was put there/],
] as const) {
  test(`a record whose kept part ${what} becomes a dead letter that says so, and the next one is read`, async (context) => {
    const { log, kept } = await start(context)
    await log.publish('exchanges', [{ key: 'other', value: randomBytes(50_000) }])
    const [other] = kept()
    await log.publish('exchanges', [{ key: 'harmed', value: randomBytes(50_000) }])
    const file = kept().find((name) => name !== other)!
    harm(file, other!)
    await log.publish('exchanges', [{ key: 'next', value: '{}' }])

    const reader = await startReader(log)
    const letters = await startReader(log, { topics: ['dead-letters'], group: 'record' })
    const isTold = () => letters.deliveries.some(({ key }) => key === 'harmed')
    await eventually('the next one and the letter', () => reader.keys().includes('next') && isTold())
    const letter = letters.deliveries.find(({ key }) => key === 'harmed')!
    const { errorCode, message: told } = decodeMessage(DeadLetter, letter.value)
    equal(errorCode, 'LOG_CLAIM_MISSING')
    ok(message.test(told), told)
  })
}

test('storage that does not work is waited for, by who publishes and by who reads', async (context) => {
  const { plain, log, shared, store } = await start(context)
  const value = randomBytes(50_000)
  rmSync(shared, { recursive: true, force: true })
  writeFileSync(shared, 'in the way')
  await rejects(log.publish('exchanges', [{ key: 'a', value }]), { code: 'LOG_UNAVAILABLE', retryable: true })
  await rejects(log.ping(1_000), { code: 'LOG_UNAVAILABLE' })
  rmSync(shared)
  await log.publish('exchanges', [{ key: 'a', value }])
  await log.ping(1_000)

  const below = { ...store, get: (name: string) => (isAway() ? Promise.reject(unavailable) : store.get(name)) }
  let asked = 0
  const isAway = () => ++asked < 3
  const unavailable = new UnderstudyError('LOG_UNAVAILABLE', 'The storage is away: wait.')
  const reader = await startReader(claimedLog(plain, below, rules))
  await eventually('it is read once the storage is back', () => reader.deliveries.length === 1)
  deepEqual(reader.deliveries[0]!.value, value)
  equal(asked, 3)
})

test('what no topic can hold a claim to any more is removed', async (context) => {
  const { log, kept } = await start(context)
  await log.publish('exchanges', [{ key: 'old', value: randomBytes(50_000) }])
  const [old] = kept()
  await log.publish('exchanges', [{ key: 'new', value: randomBytes(50_000) }])
  const twoWeeksAgo = Date.now() / 1000 - 14 * 86_400 - 60
  utimesSync(old!, twoWeeksAgo, twoWeeksAgo)
  await log.prepare()
  await eventually('the old one is gone', () => !kept().includes(old!))
  equal(kept().length, 1)
})
