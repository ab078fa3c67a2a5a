import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startReport } from '../../../services/report/main.ts'
import { digestOf } from '../../../services/report/report.ts'
import { armsOf } from '../../../shared/config/arms.ts'
import { Config } from '../../../shared/config/schema.ts'
import { Report } from '../../../shared/contracts/report.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { traffic, type TrafficShape } from '../../support/pair-rows.ts'
import { ledgerRow } from '../../../services/record/rows.ts'
import { aLedgerEntry } from '../record/samples.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [
    { name: 'subtle', provider: 'openai', model: 'small-1' },
    { name: 'brief', provider: 'openai', model: 'small-2' },
  ],
  report: { listen: '127.0.0.1:0' },
})
const [control, subtle, brief] = armsOf(config)
const intake = { take: () => Promise.reject(new Error('nothing is handed in here')) }
const noArms = () => Promise.reject(new Error('no arm is looked at here'))
const arms = { list: noArms, setPaused: noArms }
const folder = mkdtempSync(join(tmpdir(), 'understudy-report-'))
let store: Store
let report: Awaited<ReturnType<typeof startReport>>

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  await recordTraffic('subtle', subtle!.fingerprint, { quality: 0.85 })
  await recordTraffic('brief', brief!.fingerprint, {})
  report = await startReport({ config, store, logger, intake, arms })
})

after(async () => {
  await report.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function recordTraffic(arm: string, armFingerprint: string, shape: TrafficShape): Promise<void> {
  // Recorded long ago, so that every conversation is closed.
  const rows = traffic(2_000, shape).map((row) =>
    comparisonRow(
      {
        ...row,
        armFingerprint,
        controlFingerprint: control!.fingerprint,
        outcome: row.quality === 1 ? 'equivalent' : 'different',
        capturedAtMs: Math.round(row.capturedAtMs) - 400 * 86_400_000,
      },
      arm,
    ),
  )
  await store.insert('comparisons', rows)
}

const get = async (path: string) => {
  const response = await fetch(`${report.url}${path}`)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const getJson = async (path: string) => {
  const { status, text } = await get(path)
  return { status, body: JSON.parse(text) as Record<string, unknown> }
}

test('the verdict of a candidate is its evidence, as the contract has it', async () => {
  const { status, body } = await getJson('/api/v1/candidates/subtle/verdict')

  equal(status, 200)
  const verdict = Verdict.parse(body)
  equal(verdict.verdict, 'no_go')
  equal(verdict.decidingGate, 'quality')
  equal(verdict.comparisons.compared, 2_000)
  equal(verdict.breakdown!.exchanges, 2_000)
  ok(verdict.breakdown!.findings.candidate.harmful > verdict.breakdown!.findings.control!.harmful)
  equal(Verdict.parse((await getJson('/api/v1/candidates/brief/verdict')).body).verdict, 'go')
})

test('what was fixed beforehand is told, and what its first exchanges fix is kept for later verdicts', async () => {
  const verdict = Verdict.parse((await getJson('/api/v1/candidates/subtle/verdict')).body)
  const kept = await store.query<{ gate: string; value: number }>(
    'SELECT gate, value FROM campaign_bounds INNER JOIN campaigns USING (campaign_id) WHERE candidate = {name:String} ORDER BY gate',
    { name: 'subtle' },
  )

  equal(verdict.campaign!.attempt, 1)
  ok(verdict.campaign!.startedAt !== null)
  ok(verdict.alpha > 0.0303 && verdict.alpha < 0.0305)
  deepEqual(
    kept,
    verdict.campaign!.bounds.map(({ gate, value }) => ({ gate, value })).toSorted((a, b) => (a.gate < b.gate ? -1 : 1)),
  )
  equal(kept.length, 4)
})

test('a verdict as of an earlier time knows only what was captured by then', async () => {
  const whole = Verdict.parse((await getJson('/api/v1/candidates/brief/verdict?asOf=end')).body)
  const middle = new Date((Date.parse(whole.from!) + Date.parse(whole.to!)) / 2).toISOString()

  const earlier = Verdict.parse((await getJson(`/api/v1/candidates/brief/verdict?asOf=${middle}`)).body)
  const later = Verdict.parse((await getJson(`/api/v1/candidates/brief/verdict?since=${middle}`)).body)

  ok(earlier.comparisons.compared >= 999 && earlier.comparisons.compared <= 1_001)
  ok(earlier.comparisons.compared + later.comparisons.compared >= 2_000)
})

test('an unknown candidate is not found, and the known ones are named', async () => {
  const { status, body } = await getJson('/api/v1/candidates/nobody/verdict')

  equal(status, 404)
  deepEqual(body['error'], {
    code: 'CANDIDATE_UNKNOWN',
    message: 'there is no candidate "nobody" in the config: choose from subtle, brief',
  })
})

test('a question that cannot be read is refused with its cure', async () => {
  const { status, body } = await getJson('/api/v1/candidates/subtle/verdict?since=soon')

  equal(status, 400)
  equal((body['error'] as { code: string }).code, 'USAGE')
})

test('candidates, worst differences and the ledger have their addresses', async () => {
  const { candidates } = (await getJson('/api/v1/candidates')).body as unknown as { candidates: { name: string }[] }
  const worst = (await getJson('/api/v1/comparisons/worst?candidate=subtle&limit=3')).body
  const ledger = (await getJson('/api/v1/ledger')).body as unknown as Verdict['ledger']
  const { verdicts } = (await getJson('/api/v1/verdicts')).body as unknown as { verdicts: Verdict[] }

  deepEqual(
    candidates.map(({ name }) => name),
    ['subtle', 'brief'],
  )
  equal((worst['comparisons'] as unknown[]).length, 3)
  equal(ledger.balanced, true)
  ok(ledger.lines.length > 0)
  deepEqual(
    verdicts.map(({ candidate }) => candidate),
    ['subtle', 'brief'],
  )
})

test('the report as a page has every candidate and lets nothing load or run', async () => {
  const { status, headers, text } = await get('/report')

  equal(status, 200)
  match(headers.get('content-type')!, /^text\/html/)
  match(headers.get('content-security-policy')!, /^default-src 'none'/)
  match(text, /id="subtle"[\s\S]*id="brief"/)
  match(text, /<h3>What the answers come to<\/h3>/)
})

test('the report is to be had in every format, each of the type that it is', async () => {
  for (const [format, type] of Object.entries({
    json: 'application/json',
    md: 'text/markdown',
    html: 'text/html',
    csv: 'text/csv',
    junit: 'application/xml',
    text: 'text/plain',
  })) {
    const { status, headers, text } = await get(`/api/v1/report?format=${format}`)
    equal(status, 200)
    ok(headers.get('content-type')!.startsWith(type), format)
    ok(text.includes('subtle') && text.includes('brief'), format)
  }
  const report = Report.parse(JSON.parse((await get('/api/v1/report')).text))
  equal(digestOf(report), report.digest)
  equal(report.facts[0]!.candidateArm.asked, 2_000)
  equal((await get('/api/v1/report?format=pdf')).status, 400)
})

test('a ledger that stops balancing is soon in the verdict', async () => {
  const verdict = async () => Verdict.parse(JSON.parse((await get('/api/v1/candidates/brief/verdict')).text))
  equal((await verdict()).ledger.balanced, true)
  const hour = '2026-11-20T10:00:00.000Z'
  await store.insert(
    'ledger',
    (['served', 'published'] as const).map((outcome) => ({
      ...ledgerRow(aLedgerEntry(`lost ${outcome}`, { hour, outcome, count: 4 })),
      stored_at: '2026-11-20T10:30:00Z',
    })),
  )
  const settled = async (balanced: boolean) => {
    const endMs = performance.now() + 60_000
    while ((await verdict()).ledger.balanced !== balanced && performance.now() < endMs) await sleep(500)
  }
  await settled(false)
  const { verdict: said, ledger } = await verdict()
  deepEqual([said, ledger.balanced, ledger.missing], ['inconclusive', false, 4])
  await store.command('TRUNCATE TABLE ledger')
  await settled(true)
  while ((await get('/metrics')).text.includes('understudy_verdict{candidate="subtle"} 0')) await sleep(500)
})

test('health, readiness and metrics answer', async () => {
  equal((await get('/healthz')).status, 200)
  equal((await get('/readyz')).status, 200)
  const { text } = await get('/metrics')
  match(text, /understudy_verdict\{candidate="subtle"\} -1/)
  match(text, /understudy_verdict\{candidate="brief"\} 1/)
  match(text, /understudy_pairs_share\{candidate="subtle",arm="candidate",finding="harmful"\} 0\.\d/)
  match(text, /understudy_pairs_share\{candidate="brief",arm="control",finding="unsure"\} 0\n/)
  match(text, /understudy_gate_mean\{candidate="subtle",gate="quality"\} -0\.\d/)
})

test('nothing at an address is said as JSON', async () => {
  equal((await getJson('/api/v1/nothing')).status, 404)
})

test('a store that does not answer is not ready, and its questions fail without inner detail', async () => {
  const down = {
    kind: 'reader',
    insert: () => Promise.reject(new Error('nothing is written here')),
    query: () => Promise.reject(new UnderstudyError('STORE_UNAVAILABLE', 'the store does not answer: start it')),
    ping: () => Promise.reject(new UnderstudyError('STORE_UNAVAILABLE', 'the store does not answer: start it')),
  } as const
  const broken = { ...down, query: () => Promise.reject(new Error('secret of a row')) }
  for (const [stub, path, status] of [
    [down, '/readyz', 503],
    [down, '/api/v1/ledger', 503],
    [down, '/healthz', 200],
    [broken, '/api/v1/ledger', 500],
  ] as const) {
    const running = await startReport({ config, store: stub, logger, intake, arms })
    const response = await fetch(`${running.url}${path}`)
    equal(response.status, status, path)
    ok(!(await response.text()).includes('secret'))
    await running.stop()
  }
})

test('a taken port is named with its cure', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`

  await rejects(
    startReport({ config: { ...config, report: { ...config.report, listen } }, store, logger, intake, arms }),
    {
      code: 'PORT_TAKEN',
      message: /report\.listen/,
    },
  )
  other.close()
})

test('stopping twice is stopping once', async () => {
  const running = await startReport({ config, store, logger, intake, arms })

  await running.stop()
  await running.stop()
})
