import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { readPrivateKey, signed } from '../../../services/cli/summary-sign.ts'
import { compared, verificationOf } from '../../../services/cli/summary-verify.ts'
import { type FormatName, formats } from '../../../services/report/format/index.ts'
import { comparisonsAsParquet } from '../../../services/report/format/parquet.ts'
import { loadReport } from '../../../services/report/load-report.ts'
import { digestOf } from '../../../services/report/report.ts'
import { armsOf } from '../../../shared/config/arms.ts'
import { loadConfig } from '../../../shared/config/load.ts'
import { Report } from '../../../shared/contracts/report.ts'
import { createReportSource } from '../../../services/report/source.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { dayMs, traffic } from '../../support/pair-rows.ts'
import { freePorts, understudy } from '../../support/understudy.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-summary-'))
const file = (name: string) => join(folder, name)
const configFile = file('understudy.yaml')
const asOf = new Date('2026-11-20T00:00:00Z')
let store: Store

before(async () => {
  const [tap, storePort, report] = await freePorts(3)
  const config = {
    tap: { listen: `127.0.0.1:${tap}`, upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    log: { embedded: file('log.db') },
    store: { embedded: file('store'), listen: `127.0.0.1:${storePort}` },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [
      { name: 'subtle', provider: 'openai', model: 'small-1' },
      { name: 'brief', provider: 'openai', model: 'small-2' },
    ],
    report: { listen: `127.0.0.1:${report}` },
  }
  writeFileSync(configFile, stringify(config))
  store = await openEmbedded(file('store'), 'embedded')
  await migrate(store)
  await record('subtle', { quality: 0.85 })
  await record('brief', {})
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function record(
  arm: string,
  shape: Parameters<typeof traffic>[1],
  count = 800,
  seed = 1,
  daysLater = 0,
): Promise<void> {
  const arms = armsOf(loadConfig(configFile, {}))
  const fingerprintOf = (name: string) => arms.find((each) => each.name === name)!.fingerprint
  const rows = traffic(count, shape, seed).map((row) =>
    comparisonRow(
      {
        ...row,
        capturedAtMs: row.capturedAtMs + daysLater * dayMs,
        exchangeId: `${String(seed).padStart(8, '0')}${row.exchangeId.slice(8)}`,
        conversationId: `${seed}-${row.conversationId}`,
        armFingerprint: fingerprintOf(arm),
        controlFingerprint: fingerprintOf('control'),
      },
      arm,
    ),
  )
  await store.insert('comparisons', rows)
}

const config = () => loadConfig(configFile, {})
const summary = (...args: string[]) => understudy('summary', '--config', configFile, ...args)

/** As `summary --format NAME -o FILE --sign KEY` does it, in this process, which holds the store. */
async function write(format: FormatName, name: string, key?: string): Promise<void> {
  const report = await loadReport(createReportSource(store), config(), { asOf, migrationEffortUsd: 900 })
  const sealed = key === undefined ? report : signed(report, readPrivateKey(file(key)))
  writeFileSync(file(name), formats[format].of(sealed))
}

/** As `summary --verify FILE --public-key KEY` does it. */
function verify(name: string, key?: string) {
  const options = key === undefined ? {} : { publicKey: file(key) }
  return verificationOf(readFileSync(file(name), 'utf8'), name, options, (report) =>
    compared(report, createReportSource(store), config(), options),
  )
}

const rewrite = (from: string, to: string, change: (report: Report) => void) => {
  const report = Report.parse(JSON.parse(readFileSync(file(from), 'utf8')))
  change(report)
  writeFileSync(file(to), JSON.stringify(report))
}

function keyPair(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(file(`${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(file(`${name}-public.pem`), publicKey.export({ type: 'spki', format: 'pem' }))
}

test('a report comes out the same again, in each format that carries it, though more was captured since', async () => {
  for (const format of ['json', 'md', 'html'] as const) await write(format, `then.${format}`)
  await record('brief', {}, 50, 3, 30)

  for (const format of ['json', 'md', 'html']) {
    const { same, problems, differing, notes } = await verify(`then.${format}`)
    deepEqual([same, problems, differing], [true, [], []], format)
    match(notes.join(), /the lines of the ledger are not compared/)
  }
})

test('a report that was altered is not trusted, whoever alters what', async () => {
  for (const format of ['json', 'md', 'html'] as const) await write(format, `whole.${format}`)
  rewrite('whole.json', 'number.json', ({ verdicts }) => void (verdicts[0]!.gates[0]!.mean = 0.5))
  for (const format of ['md', 'html']) {
    const shown = readFileSync(file(`whole.${format}`), 'utf8')
    writeFileSync(file(`shown.${format}`), shown.replaceAll('NO-GO', 'GO'))
  }

  for (const name of ['number.json', 'shown.md', 'shown.html']) {
    const { same, problems } = await verify(name)
    equal(same, false, name)
    match(problems.join(), /altered/)
  }
})

test('a report whose digest was made to fit is found out by the store, field by field', async () => {
  await write('json', 'honest.json')
  rewrite('honest.json', 'forged.json', (report) => {
    report.verdicts[0]!.verdict = 'go'
    report.facts[1]!.cost.savingUsdPerMonth = 1e6
    report.digest = digestOf(report)
  })

  const { same, differing, problems } = await verify('forged.json')

  equal(same, false)
  deepEqual(problems, [])
  deepEqual(
    differing.map(({ pointer, was }) => [pointer, was]),
    [
      ['/verdicts/0/verdict', 'go'],
      ['/facts/1/cost/savingUsdPerMonth', 1e6],
    ],
  )
})

test('a signature holds for its own key and its own report', async () => {
  keyPair('ours')
  keyPair('theirs')
  for (const format of ['json', 'html'] as const) {
    await write(format, `signed.${format}`, 'ours.pem')
    equal((await verify(`signed.${format}`, 'ours-public.pem')).same, true, format)
  }
  rewrite('signed.json', 'moved.json', (report) => {
    report.verdicts[0]!.sentence = 'GO'
    report.digest = digestOf(report)
  })
  await write('json', 'unsigned.json')

  match((await verify('signed.json', 'theirs-public.pem')).problems.join(), /not by that key/)
  match((await verify('moved.json', 'ours-public.pem')).problems.join(), /of another report/)
  match((await verify('unsigned.json', 'ours-public.pem')).problems.join(), /not signed/)
  match((await verify('signed.json')).notes.join(), /not checked: give --public-key/)
})

test('what changed since is told: other margins, rows that came late, rows that are gone', async () => {
  await write('json', 'earlier.json')
  const before = readFileSync(configFile, 'utf8')
  writeFileSync(configFile, before + stringify({ gates: { quality: { relative: 0.1 } } }))
  const margins = await verify('earlier.json')
  writeFileSync(configFile, before)
  await record('brief', {}, 50, 2)
  const late = await verify('earlier.json')
  await store.command("ALTER TABLE comparisons DELETE WHERE arm = 'brief' SETTINGS mutations_sync = 1")
  const gone = await verify('earlier.json')
  // Another block: one that came before is dropped as delivered twice.
  await record('brief', {}, 800, 5)

  match(margins.reasons.join(), /the config is another than it was \(gates\)/)
  match(late.reasons.join(), /brief: the store holds 850 .*from 800: some were compared after the report/)
  match(gone.reasons.join(), /brief: the store holds 0 .*expired \(retention\.metricsDays: 400\)/)
  for (const { same, differing } of [margins, late, gone]) {
    equal(same, false)
    notEqual(differing.length, 0)
  }
})

test('Parquet holds every comparison of the candidates in the window, without texts', async () => {
  writeFileSync(file('all.parquet'), await comparisonsAsParquet(store, config(), { asOf }))
  const [row] = await store.query<Record<string, number>>(
    `SELECT toFloat64(count()) AS count, toFloat64(uniqExact(arm)) AS arms, toFloat64(countIf(quality = 0)) AS bad FROM file('${file('all.parquet')}', Parquet)`,
  )
  const columns = await store.query<{ name: string }>(`DESCRIBE file('${file('all.parquet')}', Parquet)`)

  equal(row!['count'], 1_600)
  equal(row!['arms'], 2)
  ok(row!['bad']! > 100)
  const names = columns.map(({ name }) => name)
  ok(names.includes('control_quality') && names.includes('prompt_id'))
  ok(!names.includes('served_excerpt') && !names.includes('arm_excerpt') && !names.includes('differences'))
})

test('the command line writes and verifies: exit 0 the same, 1 where it was altered', async () => {
  await store.close()
  keyPair('cli')
  for (const format of ['text', 'csv', 'junit', 'parquet', 'json']) {
    const sign = format === 'json' ? ['--sign', file('cli.pem')] : []
    const { code, stderr } = await summary(
      '--format',
      format,
      '-o',
      file(`cli.${format}`),
      '--candidate',
      'brief',
      ...sign,
    )
    equal(code, 0, stderr)
  }
  const same = await summary('--verify', file('cli.json'), '--public-key', file('cli-public.pem'))
  rewrite('cli.json', 'altered.json', ({ verdicts }) => void (verdicts[0]!.verdict = 'no_go'))
  const altered = await summary('--verify', file('altered.json'))
  store = await openEmbedded(file('store'), 'embedded')

  deepEqual([same.code, same.stdout], [0, 'cli.json comes out the same\n'], same.stdout)
  equal(altered.code, 1)
  match(altered.stdout, /altered\.json is not to be trusted:\n.*digest does not fit/)
  match(readFileSync(file('cli.text'), 'utf8'), /Made from/)
  match(readFileSync(file('cli.csv'), 'utf8'), /^candidate,verdict,/)
  match(readFileSync(file('cli.junit'), 'utf8'), /^<\?xml/)
  equal(readFileSync(file('cli.parquet')).subarray(0, 4).toString('latin1'), 'PAR1')
})

for (const [what, args, message] of [
  ['an unknown format', ['--format', 'pdf'], /choose from text, json, md, html, csv, junit, parquet/],
  ['an amount that is none', ['--migration-effort-usd', 'lots'], /write dollars as a number/],
  ['a signature in a format that carries none', ['--format', 'csv', '--sign', 'key.pem'], /choose json, md or html/],
  [
    'a key that is not there',
    ['--sign', '/nowhere/key.pem', '--format', 'json'],
    /ENOENT.*openssl genpkey -algorithm ed25519/,
  ],
  ['a file that is no report', ['--verify', configFile], /is not a report/],
  ['a public key alone', ['--public-key', 'key.pem'], /goes with --verify/],
] as const) {
  test(`${what} is refused with its cure`, async () => {
    const { code, stderr } = await summary(...args)

    equal(code, 2)
    match(stderr, message)
  })
}

test('a key of another kind is refused', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(file('rsa.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))

  const { code, stderr } = await summary('--format', 'json', '--sign', file('rsa.pem'))

  equal(code, 2)
  match(stderr, /a key for rsa: give an Ed25519 key/)
})

test('the schema of a report is printed without a config', async () => {
  const { code, stdout } = await understudy('summary', '--schema', '--config', '/nowhere')

  equal(code, 0)
  equal((JSON.parse(stdout) as { title: string }).title, 'Understudy report')
})
