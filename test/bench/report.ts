// npm run bench -- report: what a verdict costs from what was added up before, beside what it costs from rows.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { beginCampaigns } from '../../services/report/campaigns/store.ts'
import { readingFor, verdictFromSums } from '../../services/report/load-verdicts.ts'
import { createReportSource } from '../../services/report/source.ts'
import { settleCampaign } from '../../services/report/sums/settle-campaigns.ts'
import { advance, type Settled, termsIn } from '../../services/report/sums/settled.ts'
import { verdictFrom, type VerdictInput, verdictOf } from '../../services/report/verdict.ts'
import { armsOf, controlArm } from '../../shared/config/arms.ts'
import { Config } from '../../shared/config/schema.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { balancedLedger } from '../support/pair-rows.ts'
import { median } from './compare/measure.ts'
import { rawSql } from './report/raw.ts'
import { days, startMs, writeTraffic } from './report/traffic.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, provider: 'openai', model: `small-${name}` })),
})
const control = armsOf(config).find(({ name }) => name === controlArm)!
const candidates = armsOf(config).filter(({ name }) => name !== controlArm)
const asOf = new Date(startMs + (days + 2) * 86_400_000)
const rounds = 7
/** Rounds that do not count: a report makes its verdicts again and again in one process. */
const warmUp = 8
/** So many rows this process can hold. */
const inProcessRows = 100_000
let isMissed = false

/**
 * Prints each figure with its goal; the exit code is 1 where one is missed. Processor time, of this process and the engine in it: so
 * it can be told on a machine that does something else. `--rows 10000000` adds up for half an hour before it tells.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '100000,1000000' } },
  })
  const sizes = values.rows.split(',').map(Number)
  const measured: { rows: number; sumsMs: number }[] = []
  for (const rows of sizes) measured.push({ rows, sumsMs: await at(rows) })
  if (isMissed) process.exitCode = 1
  const [few, many] = [measured[0]!, measured.at(-1)!]
  if (few.rows === many.rows) return
  const exponent = Math.log(many.sumsMs / few.sumsMs) / Math.log(many.rows / few.rows)
  told(`time by rows, exponent from ${few.rows} to ${many.rows}`, exponent.toFixed(3), '<= 0.2', exponent <= 0.2)
  if (isMissed) process.exitCode = 1
}

/** Milliseconds of processor time, engine included, that all candidates' verdicts take from sums. */
async function at(rows: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const store = await openEmbedded(folder, 'embedded')
  try {
    return await measure(store, rows)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(store: Store, rows: number): Promise<number> {
  await migrate(store)
  await beginCampaigns(store, config, new Date(startMs - 1_000))
  const written = await spent(() => writeTraffic(store, candidates, control, rows))
  told(`${rows} rows written by the engine`, seconds(written.wallMs))
  const source = createReportSource(store)
  const readings = await Promise.all(candidates.map((candidate) => readingFor(candidate, source, config)))
  const added = await spent(async () => {
    for (const [index, candidate] of candidates.entries())
      await settleCampaign(store, source, candidate, readings[index]!, asOf)
  })
  told(`${rows} rows added up, CPU of process and engine`, `${((1e3 * added.cpuMs) / rows).toFixed(1)} us/row`)

  const inputs = candidates.map((candidate, index): VerdictInput => ({
    ...readings[index]!,
    candidate,
    ledger: balancedLedger,
    asOf,
    trafficEnded: false,
    candidates: candidates.length,
  }))
  const load = async (index: number) =>
    (await source.settled(campaignOf(inputs[index]!), candidates[index]!.name, asOf, termsIn(inputs[index]!)))!
  const all = candidates.keys().toArray()
  const fromStore = async (index: number, from = source) =>
    (await verdictFromSums(candidates[index]!.name, from, inputs[index]!))!

  const sums: Settled[][] = []
  for (let round = 0; round < warmUp + rounds; round += 1) sums.push(await Promise.all(all.map(load)))
  const inProcess: number[] = []
  for (const loaded of sums) {
    const { cpuMs } = await spent(() => {
      for (const [index, settled] of loaded.entries())
        verdictFrom(inputs[index]!, advance(settled, [], inputs[index]!, inputs[index]!))
    })
    inProcess.push(cpuMs)
  }
  const cpuMs = median(inProcess.slice(warmUp))
  goal(`verdicts from sums, 5 candidates x 20 slices, CPU in process`, cpuMs, 50)

  const one = await repeated(() => fromStore(0))
  goal('one verdict from the store, from asking to having it', one.wallMs, 100)
  told('one verdict from the store, CPU of process and engine', milliseconds(one.cpuMs))
  // As in a process that has just begun: the sums of the last hour were not read before.
  const first = await repeated(() => fromStore(0, createReportSource(store)))
  told('the first verdict from the store, from asking to having it', milliseconds(first.wallMs))
  told('the first verdict from the store, CPU of process and engine', milliseconds(first.cpuMs))
  const five = await repeated(async () => {
    const unread = createReportSource(store)
    for (const index of all) await fromStore(index, unread)
  })
  told('five first verdicts from the store, CPU of process and engine', milliseconds(five.cpuMs))
  const raw = await repeated(() => store.query(rawSql(config.gates)), 3)
  told('the same evidence of five by the engine from rows, CPU', milliseconds(raw.cpuMs))
  const ratio = raw.cpuMs / five.cpuMs
  if (rows >= 10_000_000) told('rows / sums', `${ratio.toFixed(1)} x`, '>= 20 x', ratio >= 20)
  else told('rows / sums', `${ratio.toFixed(1)} x`)
  if (rows <= inProcessRows) {
    const whole = await spent(async () => {
      for (const [index, { name }] of candidates.entries())
        same(verdictOf({ ...inputs[index]!, rows: await source.pairs(name, { until: asOf }) }), await fromStore(index))
    })
    told('five verdicts in this process from rows, CPU', milliseconds(whole.cpuMs))
  }
  await tellSizes(store)
  return five.cpuMs
}

const campaignOf = ({ campaign }: VerdictInput) => campaign!.id!

function same(fromRows: Verdict, fromSums: Verdict): void {
  const shown = ({ gates }: Verdict) => gates.map(({ logEGo, lower }) => [logEGo?.toFixed(6), lower?.toFixed(6)]).join()
  if (shown(fromRows) !== shown(fromSums)) throw new Error('sums and rows give different verdicts')
}

async function tellSizes(store: Store): Promise<void> {
  const sizes = await store.query<{ table: string; rows: number; bytes: number }>(
    `SELECT table, toFloat64(sum(rows)) AS rows, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
     WHERE active AND database = currentDatabase() AND table LIKE 'c%' GROUP BY table ORDER BY table`,
  )
  for (const { table, rows, bytes } of sizes) {
    told(`  ${table}: ${rows} rows, ${(bytes / 2 ** 20).toFixed(1)} MB`, `${(bytes / rows).toFixed(0)} B/row`)
  }
}

async function spent(work: () => unknown): Promise<{ wallMs: number; cpuMs: number }> {
  const [before, start] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1_000 }
}

/** Medians, after one run that does not count. */
async function repeated(work: () => Promise<unknown>, repeats = rounds): Promise<{ wallMs: number; cpuMs: number }> {
  await work()
  const runs: { wallMs: number; cpuMs: number }[] = []
  for (let round = 0; round < repeats; round += 1) runs.push(await spent(work))
  return { wallMs: median(runs.map(({ wallMs }) => wallMs)), cpuMs: median(runs.map(({ cpuMs }) => cpuMs)) }
}

function goal(name: string, ms: number, most: number): void {
  told(name, milliseconds(ms), `<= ${most} ms`, ms <= most)
}

function told(name: string, figure: string, wanted?: string, isMet = true): void {
  if (!isMet) isMissed = true
  const verdict = wanted === undefined ? '' : `   goal ${wanted}: ${isMet ? 'met' : 'MISSED'}`
  console.log(`${name.padEnd(68)}${figure.padStart(14)}${verdict}`)
}

const milliseconds = (ms: number) => `${ms.toFixed(1)} ms`
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
