import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createReportSource } from '../../../../services/report/source.ts'
import { readingFor } from '../../../../services/report/load-verdicts.ts'
import { startReport } from '../../../../services/report/main.ts'
import { settleCampaign } from '../../../../services/report/sums/settle-campaigns.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { CandidateDistributions, CandidateSeries } from '../../../../shared/contracts/series.ts'
import { Verdict } from '../../../../shared/contracts/verdict.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow, candidateFailed, controlFailed, traffic } from '../../../support/pair-rows.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: ['small', 'worse', 'silent'].map((name) => ({ name, provider: 'openai', model: name })),
  report: { listen: '127.0.0.1:0' },
})
const [control, small, worse] = armsOf(config)
const store = await migratedStore()
const unused = () => Promise.reject(new Error('not looked at here'))
const agoMs = 400 * 86_400_000
let report: Awaited<ReturnType<typeof startReport>>

const rowsOf = (arm: typeof small, rows: ReturnType<typeof traffic>) =>
  rows.map((row) =>
    comparisonRow(
      {
        ...row,
        armFingerprint: arm!.fingerprint,
        controlFingerprint: control!.fingerprint,
        capturedAtMs: Math.round(row.capturedAtMs) - agoMs,
      },
      arm!.name,
    ),
  )

const hourMs = 3_600_000
/** Four exchanges in one hour and two in the next. */
const few = [
  aPairRow(0, { quality: 1, controlQuality: 0.5, ttftMs: 100, totalMs: 1_000 }),
  aPairRow(1, { quality: 0.5, controlQuality: 1, ttftMs: 300, totalMs: 2_000 }),
  aPairRow(2, { ...candidateFailed, reason: 'timeout' }),
  aPairRow(3, { ...candidateFailed, reason: 'rate_limited', ...controlFailed }),
  aPairRow(4, { capturedAtMs: aPairRow(0).capturedAtMs + hourMs }),
  aPairRow(5, { capturedAtMs: aPairRow(0).capturedAtMs + hourMs, outcome: 'not_comparable', error: null }),
]

before(async () => {
  await store.insert('comparisons', rowsOf(small, few))
  await store.insert('comparisons', rowsOf(worse, traffic(2_000, { quality: 0.8 })))
  await store.insert('comparisons', [
    {
      ...comparisonRow({ ...few[3]!, capturedAtMs: few[3]!.capturedAtMs - agoMs }, 'control'),
      arm_fingerprint: control!.fingerprint,
      outcome: 'failed',
      reason: 'server_error',
    },
  ])
  report = await startReport({
    config,
    store,
    logger,
    intake: { take: unused },
    arms: { list: unused, setPaused: unused },
  })
})
after(() => report.stop())

async function get(path: string) {
  const response = await fetch(`${report.url}${path}`)
  return { status: response.status, body: (await response.json()) as { error: { code: string } } }
}
const seriesOf = async (name: string, query = '') =>
  CandidateSeries.parse((await get(`/api/v1/candidates/${name}/series${query}`)).body)

test('hours tell what was compared, how both arms did, and what failed', async () => {
  const { buckets, bucketSeconds, from } = await seriesOf('small')
  equal(bucketSeconds, 3_600)
  equal(buckets.length, 2)
  const [first, second] = buckets
  equal(from, first!.at)
  deepEqual([first!.comparisons, second!.comparisons], [4, 1])
  equal(Date.parse(second!.at) - Date.parse(first!.at), hourMs)
  equal(first!.quality, 1.5 / 4)
  equal(first!.controlQuality, 2.5 / 4)
  deepEqual(first!.errors, { candidate: { timeout: 1, 'rate limit': 1 }, control: { '5xx': 1 } })
  deepEqual(second!.errors, { candidate: {}, control: {} })
  deepEqual([first!.ttftP50Ms.candidate, first!.totalP95Ms.candidate], [300, 2_000])
  equal(first!.ttftP50Ms.served, 400)
  equal(first!.costUsd.candidate, 0.008)
  equal(first!.costUsd.served, null)
})

test('since leaves out what was before, and not the evidence', async () => {
  const whole = await seriesOf('small')
  const later = await seriesOf('small', `?since=${whole.buckets[1]!.at}`)
  deepEqual(later.buckets, [whole.buckets[1]])
  deepEqual(later.evidence, whole.evidence)
})

test('the evidence of each gate ends where the verdict is, and grew from nothing', async () => {
  const verdict = Verdict.parse((await get('/api/v1/candidates/worse/verdict')).body)
  const { evidence, asOf } = await seriesOf('worse')
  equal(asOf, verdict.asOf)
  deepEqual(
    evidence.map(({ gate }) => gate),
    verdict.gates.map(({ gate }) => gate),
  )
  for (const { gate, points, line } of evidence) {
    const { mean, lower, upper, units, logEGo, logENoGo } = verdict.gates.find((each) => each.gate === gate)!
    deepEqual(points.at(-1), {
      at: asOf,
      units,
      lower,
      upper,
      estimate: mean,
      logEvidence: logEGo,
      logEvidenceNoGo: logENoGo,
    })
    ok(points.length >= 12, gate)
    ok(
      points.every(({ units }, index) => index === 0 || units >= points[index - 1]!.units),
      gate,
    )
    ok(Math.abs(line - Math.log(1 / verdict.alpha)) < 1e-9)
  }
  const quality = evidence.find(({ gate }) => gate === 'quality')!
  ok(quality.points[0]!.units < 200)
  const proven = quality.points.findIndex(({ logEvidenceNoGo }) => (logEvidenceNoGo ?? 0) >= quality.line)
  ok(proven > 0 && proven < quality.points.length - 1)
})

test('each point is what a verdict would have said then, gone through again or added up by the hour', async () => {
  const source = createReportSource(store)
  const reading = await readingFor(worse!, source, config)
  const replayed = await seriesOf('worse')
  // One look every four hours, as at a report that runs.
  const startMs = traffic(1)[0]!.capturedAtMs - agoMs
  for (let step = 1; step <= 20; step += 1)
    await settleCampaign(store, source, worse!, reading, new Date(startMs + step * 4 * hourMs + 11 * 60_000))
  const fresh = await startReport({
    config,
    store,
    logger,
    intake: { take: unused },
    arms: { list: unused, setPaused: unused },
  })
  const kept = CandidateSeries.parse(await (await fetch(`${fresh.url}/api/v1/candidates/worse/series`)).json())
  await fresh.stop()

  ok(kept.evidence[0]!.points.some(({ at }) => Date.parse(at) % hourMs === 0))
  for (const { evidence } of [replayed, kept]) {
    for (const index of [5, 12]) {
      const { at } = evidence[0]!.points[index]!
      const { gates } = Verdict.parse((await get(`/api/v1/candidates/worse/verdict?asOf=${at}`)).body)
      for (const { gate, units, mean, logENoGo, lower } of gates) {
        const point = evidence.find((each) => each.gate === gate)!.points[index]!
        deepEqual([point.at, point.units], [at, units], gate)
        for (const [seen, expected] of [
          [point.estimate, mean],
          [point.logEvidenceNoGo, logENoGo],
          [point.lower, lower],
        ] as const)
          ok(seen === expected || Math.abs(seen! - expected!) < 1e-6, `${gate} at ${at}: ${seen} and ${expected}`)
      }
    }
  }
})

test('distributions count scores in bins and give latencies by percent, failures as the slowest', async () => {
  const { quality, divergence, latency } = CandidateDistributions.parse(
    (await get('/api/v1/candidates/small/distributions')).body,
  )
  const sum = (counts: number[] | null) => counts!.reduce((all, count) => all + count, 0)
  deepEqual([sum(quality.candidate), sum(quality.control), sum(divergence.candidate)], [5, 5, 5])
  deepEqual([quality.candidate[0], quality.candidate[quality.bins / 2], quality.candidate.at(-1)], [2, 1, 2])
  equal(latency.percents.length, 99)
  equal(latency.ttft.candidate.answers, 5)
  equal(latency.ttft.candidate.valuesMs[0], 100)
  equal(latency.ttft.candidate.valuesMs[98], null)
  equal(latency.ttft.served.valuesMs[49], 400)
  equal(latency.total.control!.valuesMs.length, 99)
})

test('a candidate without traffic has an empty series, and one that is not there is not found', async () => {
  const { buckets, from, evidence } = await seriesOf('silent')
  deepEqual([buckets, from], [[], null])
  ok(evidence.every(({ points }) => points.length === 1))
  const empty = CandidateDistributions.parse((await get('/api/v1/candidates/silent/distributions')).body)
  equal(empty.quality.control, null)
  equal(empty.latency.ttft.candidate.valuesMs[50], null)
  for (const what of ['series', 'distributions']) equal((await get(`/api/v1/candidates/nobody/${what}`)).status, 404)
  equal((await get('/api/v1/candidates/small/series?since=soon')).status, 400)
})
