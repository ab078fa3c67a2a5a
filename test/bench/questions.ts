// npm run bench -- questions: what the dashboard's questions cost over a million comparisons with their texts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fastify } from 'fastify'
import { registerAccess, openAccess } from '../../services/report/access/access.ts'
import { beginCampaigns } from '../../services/report/campaigns/store.ts'
import { countsIn } from '../../services/report/events/register.ts'
import { loadVerdicts } from '../../services/report/load-verdicts.ts'
import { registerQuestions } from '../../services/report/questions/register.ts'
import { createSeries } from '../../services/report/series/series.ts'
import { createReportSource } from '../../services/report/source.ts'
import { createSettler } from '../../services/report/sums/settle-campaigns.ts'
import { armsOf, controlArm } from '../../shared/config/arms.ts'
import { Config } from '../../shared/config/schema.ts'
import { ComparisonPage } from '../../shared/contracts/comparison-page.ts'
import { silentLogger as logger } from '../../shared/logger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { median } from './compare/measure.ts'
import { writeStages } from './report/stages.ts'
import { days, startMs, writeTraffic } from './report/traffic.ts'

export const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [{ name: 'a', provider: 'openai', model: 'small-a' }],
  report: { listen: '127.0.0.1:0' },
})
const rounds = 5
/** A page must feel at once; what reads every row may take a moment; a search through all texts goes on by pages. */
const goals = { page: 300, whole: 2_000, searchPage: 4_000 }

/** Prints processor time of process and engine, which can be told on a machine that does something else, and the time to the answer. */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({ args: options, options: { rows: { type: 'string', default: '1000000' } } })
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const store = await openEmbedded(folder, 'embedded')
  try {
    await writeComparisons(store, Number(values.rows))
    await measure(store)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Comparisons of candidate a with their texts, and what lies before each. Without texts it takes a tenth of the time. */
export async function writeComparisons(store: Store, rows: number, { hasTexts = true } = {}): Promise<void> {
  await migrate(store)
  await beginCampaigns(store, config, new Date(startMs - 1_000))
  const arms = armsOf(config)
  await writeTraffic(
    store,
    arms.filter(({ name }) => name !== controlArm),
    arms.find(({ name }) => name === controlArm)!,
    rows,
  )
  await writeStages(store)
  if (!hasTexts) return
  // Answers of 560 characters, both of them, of words that come again: one in a thousand says where.
  const words = (salt: number) =>
    `concat(arrayStringConcat(arrayMap(k -> concat('word', toString(sipHash64(comparison_id, k, ${salt}) % 5000)), range(70)), ' '),
      if(sipHash64(comparison_id, ${salt}) % 1000 = 0, ' in Klagenfurt', ''))`
  await store.command(
    `ALTER TABLE comparisons UPDATE served_excerpt = ${words(1)}, arm_excerpt = ${words(2)},
       differences = '[{"rung":"json","path":"/total","message":"value differs","served":"1","arm":"2"}]'
     WHERE true SETTINGS mutations_sync = 1`,
  )
}

async function measure(store: Store): Promise<void> {
  const app = fastify()
  await registerAccess(app, openAccess(config.report))
  registerQuestions(app, { config, store, exported: () => {} })
  const get = async (path: string) => {
    const { statusCode, body } = await app.inject({ url: path, headers: { host: 'localhost' } })
    if (statusCode !== 200) throw new Error(`${path}: ${body}`)
    return body
  }
  const page = async (query: string) => ComparisonPage.parse(JSON.parse(await get(`/api/v1/comparisons?${query}`)))
  const first = await page('candidate=a')
  let behind = first.next!
  for (let turned = 0; turned < 20; turned += 1) behind = (await page(`candidate=a&cursor=${behind}`)).next!
  const worst = await page('candidate=a&sort=worst')

  await told('first page, newest first', goals.page, () => page('candidate=a'))
  await told('page 21, newest first', goals.page, () => page(`candidate=a&cursor=${behind}`))
  await told('first page, oldest first', goals.page, () => page('candidate=a&sort=oldest'))
  await told('first page, the worst first', goals.page, () => page('candidate=a&sort=worst'))
  await told('second page, the worst first', goals.page, () => page(`candidate=a&sort=worst&cursor=${worst.next}`))
  // The dashboard asks for a page without texts, and then for those of the dozen rows in sight; a program for all at once.
  const filtered = 'candidate=a&route=route-3&outcome=different&minDivergence=0.1&sort=slowest'
  const inSight = (await page(`${filtered}&texts=false&limit=12`)).comparisons
  const lines = inSight.map(({ comparisonId, capturedAt }) => `${comparisonId}@${capturedAt}`).join(',')
  await told('one route, different, divergence >= 0.1, slowest first', goals.page, () =>
    page(`${filtered}&texts=false`),
  )
  await told('  the texts of the twelve of it in sight', goals.page, () =>
    get(`/api/v1/comparisons/texts?lines=${encodeURIComponent(lines)}`),
  )
  await told('  the same page with all its texts', goals.page, () => page(filtered))
  await told('search: a word of every answer', goals.page, () => page('candidate=a&q=word'))
  await told('search: one answer in a thousand', goals.searchPage, () => page('candidate=a&q=klagenfurt'))
  await told('search: in none, one page of it', goals.searchPage, () => page('candidate=a&q=nowhere'))
  await told('search: an id', goals.page, () => page(`candidate=a&q=${worst.comparisons[0]!.exchangeId}`))
  await told('one exchange', goals.page, () => get(`/api/v1/exchanges/${first.comparisons[0]!.exchangeId}`))
  await told('whether something has changed', goals.page, () => countsIn(store))

  let pages = 0
  const whole = await spent(async () => {
    for (let cursor = ''; ; pages += 1) {
      const { next } = await page(`candidate=a&q=nowhere${cursor}`)
      if (next === null) break
      cursor = `&cursor=${next}`
    }
  })
  line(`search: in none, to the end (${pages + 1} pages)`, whole)

  const source = createReportSource(store)
  await createSettler(store, source, config, logger).settle(new Date(startMs + (days + 2) * 86_400_000))
  const [verdict] = await loadVerdicts(source, config, {
    candidate: 'a',
    asOf: new Date(startMs + (days + 2) * 86_400_000),
  })
  const candidate = armsOf(config).find(({ name }) => name === 'a')!
  const series = createSeries({ config, store, source })
  line('series with evidence, the first time', await spent(() => series.series(candidate, verdict!, undefined)))
  await told('series with evidence', goals.whole, () => series.series(candidate, verdict!, undefined))
  await told('distributions', goals.whole, () => series.distributions(candidate, verdict!, undefined))
  await app.close()
}

type Spent = { wallMs: number; cpuMs: number }

async function spent(work: () => unknown): Promise<Spent> {
  const [before, start] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1_000 }
}

/** Medians, after one run that does not count; the exit code is 1 where the processor time is over its goal. */
async function told(name: string, mostMs: number, work: () => unknown): Promise<void> {
  await work()
  const runs: Spent[] = []
  for (let round = 0; round < rounds; round += 1) runs.push(await spent(work))
  const cpuMs = median(runs.map((run) => run.cpuMs))
  const isMet = cpuMs <= mostMs
  if (!isMet) process.exitCode = 1
  line(
    name,
    { cpuMs, wallMs: median(runs.map((run) => run.wallMs)) },
    `goal <= ${mostMs} ms CPU: ${isMet ? 'met' : 'MISSED'}`,
  )
}

function line(name: string, { cpuMs, wallMs }: Spent, verdict = ''): void {
  console.log(
    `${name.padEnd(56)}${cpuMs.toFixed(0).padStart(8)} ms CPU${wallMs.toFixed(0).padStart(8)} ms   ${verdict}`,
  )
}
