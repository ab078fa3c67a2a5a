import { deepEqual, equal, match } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Check } from '../../../../services/cli/checks/check.ts'
import { checkLag, checkSpool, checkTables } from '../../../../services/cli/checks/kept.ts'
import { deadLetterRow, ledgerRow } from '../../../../services/record/rows.ts'
import { Config, type EncryptionConfig } from '../../../../shared/config/schema.ts'
import { openKeyring } from '../../../../shared/encryption/keyring.ts'
import { sealedStore } from '../../../../shared/encryption/sealed-store.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aDeadLetter, aLedgerEntry } from '../../record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-kept-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const store = await migratedStore()

function configWith(encryption?: EncryptionConfig): Config {
  return Config.parse({
    tap: { upstreams: {} },
    store: { embedded: join(folder, 'store'), ...(encryption === undefined ? {} : { encryption }) },
    providers: { acme: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } },
    control: { provider: 'acme' },
    candidates: [{ name: 'small', provider: 'acme', model: 'small-1' }],
  })
}

const find = (checks: Check[], name: string): Check => checks.find((check) => check.name === name)!
const tables = async (encryption?: EncryptionConfig) => await checkTables(store, configWith(encryption))

test('a store that is well is ok in every respect', async () => {
  const checks = await tables()
  deepEqual(
    checks.map(({ name, state }) => [name, state]),
    [
      ['store schema', 'ok'],
      ['store parts', 'ok'],
      ['ledger', 'ok'],
      ['capture', 'ok'],
    ],
  )
})

test('what the tap dropped in the last day is warned about by reason; what a person erased is not', async () => {
  const hour = new Date(Date.now() - (Date.now() % 3_600_000)).toISOString()
  const dropped = (reason: string, count: number) =>
    ledgerRow(aLedgerEntry(reason, { hour, outcome: 'dropped', reason, count }))
  await store.insert('ledger', [dropped('spool_full', 3), dropped('erased', 5)])
  const check = find(await tables(), 'capture')
  equal(check.state, 'warn')
  match(check.detail, /: 3 spool_full$/)
})

test('exchanges that nobody accounts for are warned about', async () => {
  const hour = '2026-11-20T10:00:00.000Z'
  const rows = ['served', 'published'].map((outcome) =>
    ledgerRow(aLedgerEntry(outcome, { hour, outcome: outcome as 'served', count: 4 })),
  )
  await store.insert(
    'ledger',
    rows.map((row) => ({ ...row, stored_at: '2026-11-20T10:30:00Z' })),
  )
  const check = find(await tables(), 'ledger')
  equal(check.state, 'warn')
  match(check.detail, /4 exchanges are not accounted for/)
})

test('a key that texts are sealed with and that is missing fails, with its variable', async () => {
  process.env['KEPT_TEST_KEY'] = randomBytes(32).toString('base64')
  const encryption = { keys: [{ id: 'k1', fromEnv: 'KEPT_TEST_KEY' }], active: 'k1' }
  const sealed = sealedStore(store, openKeyring(encryption))
  await sealed.insert('dead_letters', [deadLetterRow(aDeadLetter())])
  equal(find(await tables(encryption), 'key k1').state, 'ok')

  delete process.env['KEPT_TEST_KEY']
  const check = find(await tables(encryption), 'key k1')
  equal(check.state, 'fail')
  match(`${check.detail} ${check.cure}`, /1 texts are sealed with it, and it is not configured set .*KEPT_TEST_KEY/)
  match(find(await tables(), 'key k1').cure!, /store\.encryption\.keys/)
})

test('a schema that is newer than this program fails before anything else is asked', async () => {
  await store.insert('schema_migrations', [{ name: '9999-later', checksum: 'x' }])
  const checks = await tables()
  deepEqual([checks.length, checks[0]!.state], [1, 'fail'])
  match(checks[0]!.detail, /a newer Understudy made 9999-later/)
  match(checks[0]!.cure!, /run that version or a newer one/)
  await store.command("ALTER TABLE schema_migrations DELETE WHERE name = '9999-later' SETTINGS mutations_sync = 2")
})

test('a stage that is far behind is warned about', async () => {
  const config = { embedded: join(folder, 'log.db') }
  const log = await openTopicLog(config, { logger, clientId: 'test' })
  const before = await checkLag(log, { log: config })
  deepEqual(
    before.map(({ state }) => state),
    ['ok', 'ok', 'ok', 'ok'],
  )
  await log.publish(
    'exchanges',
    Array.from({ length: 5_001 }, (_, id) => ({ key: String(id), value: '{}' })),
  )
  const checks = await checkLag(log, { log: config })
  await log.close()
  match(find(checks, 'lag replay').detail, /5001 records wait/)
  match(find(checks, 'lag replay').cure!, /is replay running/)
  equal(find(checks, 'lag compare').state, 'ok')
})

test('a spool that is half full is warned about', () => {
  const spool = join(folder, 'spool')
  const tap = { spool: { folder: spool, maxBytes: 1_000, whenFull: 'drop_newest' } } as Config['tap']
  equal(checkSpool(tap).detail, 'empty')
  const taps = join(spool, 'tap-00000000-0000-7000-8000-000000000000')
  mkdirSync(taps, { recursive: true })
  writeFileSync(join(taps, '00000001.records'), Buffer.alloc(400))
  equal(checkSpool(tap).state, 'ok')
  writeFileSync(join(taps, '00000002.records'), Buffer.alloc(400))
  equal(checkSpool(tap).state, 'warn')
})
