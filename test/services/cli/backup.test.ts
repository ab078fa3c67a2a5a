import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { backup, type Manifest, restore } from '../../../services/cli/backup.ts'
import { loadReport } from '../../../services/report/load-report.ts'
import { createReportSource } from '../../../services/report/source.ts'
import { armsOf } from '../../../shared/config/arms.ts'
import { loadConfig } from '../../../shared/config/load.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { traffic } from '../../support/pair-rows.ts'
import { understudy } from '../../support/understudy.ts'

const root = mkdtempSync(join(tmpdir(), "understudy's backup-"))
const asOf = new Date('2099-01-01T00:00:00Z')
const made = join(root, 'made')
after(() => rmSync(root, { recursive: true, force: true }))

function configFile(folder: string): string {
  const file = join(root, `${folder}.yaml`)
  writeFileSync(
    file,
    `tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1' } }, spool: { folder: ./${folder}/spool } }
log: { embedded: ./${folder}/log.db }
store: { embedded: ./${folder}/store, listen: '127.0.0.1:1' }
providers: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1/v1', apiKey: x } }
control: { provider: openai }
candidates: [{ name: mini, provider: openai, model: gpt-4o-mini }]
gates: { minDays: 0 }
`,
  )
  return file
}

const configOf = (folder: string): Config => loadConfig(configFile(folder), {})

async function reportOf(config: Config): Promise<object> {
  const store = await openEmbedded((config.store as { embedded: string }).embedded, 'embedded')
  try {
    await migrate(store, { retention: config.retention })
    return await loadReport(createReportSource(store), config, { asOf })
  } finally {
    await store.close()
  }
}

/** Without what the report says of itself: when it was made. */
const told = (report: object) =>
  JSON.parse(JSON.stringify(report, (key, value) => (key === 'generatedAt' ? 0 : value))) as object

before(async () => {
  const config = configOf('live')
  const store = await openEmbedded((config.store as { embedded: string }).embedded, 'embedded')
  await migrate(store, { retention: config.retention })
  const [control, mini] = ['control', 'mini'].map(
    (name) => armsOf(config).find((arm) => arm.name === name)!.fingerprint,
  )
  const rows = traffic(400).map((row) =>
    comparisonRow({ ...row, armFingerprint: mini!, controlFingerprint: control! }, 'mini'),
  )
  await store.insert('comparisons', rows)
  await store.close()
  const log = await openTopicLog(config.log, { logger, clientId: 'test' })
  await log.publish('ledger', [{ key: 'k', value: '{"waits":true}' }])
  await log.close()
})

test('a restored backup gives the report that was, to the last number, and the log that waited', async () => {
  const before = await reportOf(configOf('live'))
  const manifest = await backup(configOf('live'), made)
  assert.equal(manifest.tables['comparisons'], 400)
  assert.ok(manifest.files.includes('log.db'))

  const elsewhere = configOf('elsewhere')
  await restore(elsewhere, made)

  assert.deepEqual(told(await reportOf(elsewhere)), told(before))
  const log = await openTopicLog(elsewhere.log, { logger, clientId: 'test' })
  const values: string[] = []
  const handle = async (batch: { value: Buffer }[]) => void values.push(...batch.map(({ value }) => String(value)))
  const consumer = await log.consume({ topics: ['ledger'], group: 'g', maxBatch: 9, handle, onFatal: assert.fail })
  while ((await log.lag('g', 'ledger')) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  await consumer.stop()
  await log.close()
  assert.deepEqual(values, ['{"waits":true}'])
})

test('nothing is overwritten, and what is no whole backup is refused', async () => {
  await assert.rejects(backup(configOf('live'), made), { code: 'USAGE', message: /is not empty/ })
  await assert.rejects(restore(configOf('elsewhere'), made), { code: 'USAGE', message: /there already: move it away/ })
  mkdirSync(join(root, 'half'))
  await assert.rejects(restore(configOf('new'), join(root, 'half')), { code: 'USAGE', message: /no manifest\.json/ })
  await assert.rejects(backup(configOf('nowhere'), join(root, 'b')), { code: 'USAGE', message: /no store in/ })
})

test('a backup of a newer version, and one that lost rows, are told', async () => {
  const file = join(made, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  const write = (changes: Partial<Manifest>) => writeFileSync(file, JSON.stringify({ ...manifest, ...changes }))
  write({ migrations: [...manifest.migrations, '9999-later'] })
  await assert.rejects(restore(configOf('newer'), made), { code: 'STORE_SCHEMA_NEWER', message: /9999-later/ })
  write({ tables: { ...manifest.tables, comparisons: 401 } })
  await assert.rejects(restore(configOf('short'), made), {
    code: 'BACKUP_UNUSABLE',
    message: /comparisons has 400 rows of 401/,
  })
  write({})
})

test('the commands say what they did, refuse a store in use, and are in the audit log', async () => {
  const file = configFile('live')
  const store = await openEmbedded((configOf('live').store as { embedded: string }).embedded, 'embedded')
  const locked = await understudy('backup', join(root, 'second'), '--config', file)
  await store.close()
  assert.equal(locked.code, 1)
  assert.match(locked.stderr, /is held by process \d+/)

  const again = await understudy('backup', join(root, 'second'), '--config', file)
  assert.equal(again.code, 0, again.stderr)
  assert.match(again.stdout, /^\d{3} rows of \d+ tables, log\.db/)
  const restored = await understudy('restore', join(root, 'second'), '--config', configFile('third'))
  assert.match(restored.stdout, /restored as of .*what was erased after .* is back/)
})
