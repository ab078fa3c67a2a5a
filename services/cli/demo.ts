import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { loadConfig } from '../../shared/config/load.ts'
import { type Config, Gates } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { untilSignalled } from '../../shared/lifecycle.ts'
import { createLogger } from '../../shared/logger.ts'
import { openStore } from '../../shared/store/open.ts'
import { type Report } from '../../shared/contracts/report.ts'
import { type Store } from '../../shared/store/store.ts'
import { formats } from '../report/format/index.ts'
import { formatOverview } from '../report/format/text.ts'
import { summariesOf } from '../report/report.ts'
import { type Summary } from '../report/summary.ts'
import { runApp } from './demo/app.ts'
import { candidates } from './demo/models.ts'
import { demoConfig, demoExchangeCount } from './demo/config.ts'
import { type DemoExchange, demoExchanges } from './demo/traffic.ts'
import { demoApiKey, startPretendProviders } from './demo/world.ts'
import { type Progress, startProgress } from './progress.ts'
import { readReport, terminal } from './summary.ts'
import { startUp, tellRestart } from './up.ts'

type DemoOptions = { json?: boolean; seed: string; exchanges: string; out: string; stay?: boolean }

type Urls = Record<string, string>

export function demoCommand(): Command {
  return new Command('demo')
    .description('the whole way of an exchange on this machine: real SDKs, pretend providers, no keys')
    .option('--json', 'the verdicts, machine-readable')
    .option('--seed <n>', 'another seed draws other requests and answers', '1')
    .option('--exchanges <n>', 'how many requests the app sends', String(demoExchangeCount))
    .option('--out <folder>', 'where config, log, store and report go', 'data/demo')
    .option('--stay', 'keep everything running afterwards, to look around')
    .action((options: DemoOptions) => runDemo(options))
}

async function runDemo(options: DemoOptions): Promise<void> {
  const startedAtMs = performance.now()
  const seed = wholeNumber('--seed', options.seed)
  const exchanges = demoExchanges({ count: wholeNumber('--exchanges', options.exchanges), seed })
  const world = await startPretendProviders({ exchanges, seed })
  const configFile = await writeConfig(options.out, world.urls)
  const config = loadConfig(configFile, process.env)
  say(`Pretend providers answer at ${world.urls.openai} and ${world.urls.anthropic}; config in ${configFile}`)
  const signalled = untilSignalled()
  const up = startUp(configFile, 'warn', tellRestart)
  try {
    const interrupted = signalled.then(() => {
      throw new UnderstudyError('STAGE_STOPPING', 'the demo was stopped before its end: nothing keeps running')
    })
    const urls = await Promise.race([up.ready, up.failed, interrupted])
    await Promise.race([rehearse(config, exchanges, urls), up.failed, interrupted])
    const report = await readReport(config, { asOf: 'end' })
    const files = await writeReports(options.out, report)
    if (options.json) process.stdout.write(formats.json.of(report))
    else tell(config, summariesOf(report), { configFile, files, seconds: (performance.now() - startedAtMs) / 1000 })
    if (options.stay) await stay(urls, configFile, Promise.race([signalled, up.failed]))
  } finally {
    await up.stop()
    await world.stop()
  }
}

/** Sends the traffic through the tap and waits until every arm of every exchange is compared and stored. */
async function rehearse(config: Config, exchanges: readonly DemoExchange[], urls: Urls): Promise<void> {
  const sending = startProgress('the app asks through the tap', exchanges.length)
  const { failed } = await runApp({
    openaiBaseUrl: `${urls['tap']}/openai/v1`,
    anthropicBaseUrl: `${urls['tap']}/anthropic`,
    apiKey: demoApiKey,
    exchanges,
    concurrency: 12,
    onProgress: (done) => sending.update(done),
  })
  sending.finish()
  if (failed > 0) say(`  ${failed} requests of the app failed`)
  const expected = exchanges.length * (config.candidates.length + 1)
  const comparing = startProgress('replayed, compared, stored', expected)
  const store = await openStore(config.store, { logger: createLogger('demo', 'warn'), access: 'reader' })
  try {
    await untilCompared(store, expected, comparing)
  } finally {
    comparing.finish()
    await store.close()
  }
}

async function untilCompared(store: Store, expected: number, progress: Progress): Promise<void> {
  const stalledAfterMs = 60_000
  for (let last = 0, lastAtMs = Date.now(); ; await sleep(250)) {
    const [row] = await store.query<{ n: number }>('SELECT toFloat64(count()) AS n FROM comparisons_unique')
    const done = row?.n ?? 0
    progress.update(done)
    if (done >= expected) return
    if (done > last) [last, lastAtMs] = [done, Date.now()]
    if (Date.now() - lastAtMs > stalledAfterMs) {
      throw new UnderstudyError(
        'STAGE_FAILED',
        `only ${done} of ${expected} comparisons arrived and none in the last minute: the lines above say which stage is in trouble`,
      )
    }
  }
}

async function writeConfig(folder: string, providerUrls: { openai: string; anthropic: string }): Promise<string> {
  // A demo starts from nothing, but removes only what an earlier one wrote.
  const earlier = ['log.db', 'log.db-wal', 'log.db-shm', 'store', 'summary.md', 'summary.json']
  for (const name of earlier) await rm(join(folder, name), { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const [tap, store, report] = (await freePorts(3)) as [number, number, number]
  const file = join(folder, 'understudy.yaml')
  await writeFile(file, demoConfig({ folder: resolve(folder), providerUrls, ports: { tap, store, report } }))
  return file
}

/** Ports that were free a moment ago: the processes of the demo must know them before they start. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

type Left = { configFile: string; files: string[]; seconds: number }

async function writeReports(folder: string, report: Report): Promise<string[]> {
  return await Promise.all(
    (['html', 'md', 'json'] as const).map(async (name) => {
      const file = join(folder, `summary.${name}`)
      await writeFile(file, formats[name].of(report))
      return file
    }),
  )
}

function tell(config: Config, summaries: readonly Summary[], left: Left): void {
  process.stdout.write(`\n${formatOverview(summaries, terminal())}\n`)
  const lines = summaries.map(({ verdict }) => {
    const right = candidates[verdict.candidate as keyof typeof candidates].deserves
    const otherwise =
      verdict.verdict === 'inconclusive' ? 'these requests do not decide it' : 'this seed drew otherwise'
    const agrees = verdict.verdict === right ? 'as built' : `built to be ${right}: ${otherwise}`
    return `  ${verdict.candidate.padEnd(12)} ${verdict.verdict.padEnd(14)} ${agrees}`
  })
  process.stdout.write(
    [
      'What the pretend candidates were built to be, and what the evidence said:',
      ...lines,
      '',
      ...catchesOf(summaries),
      '',
      ...marginsOf(config),
      '',
      'Every gate, the caveats and more differences:',
      `  npx understudy summary --as-of end --config ${left.configFile}`,
      `  ${left.files.join(', ')}`,
      `This took ${left.seconds.toFixed(0)} s.`,
      '',
    ].join('\n'),
  )
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`

/** A rung that catches a candidate no more often than the served model itself is left out. */
function catchesOf(summaries: readonly Summary[]): string[] {
  const lines = summaries.map(({ verdict: { candidate, breakdown } }) => {
    const caught = (breakdown?.rungs ?? [])
      .map(({ rung, harmful }) => ({ rung, ...harmful, above: harmful.candidate - (harmful.control ?? 0) }))
      .filter(({ above }) => above > 0.005)
      .toSorted((a, b) => b.above - a.above)
      .map(
        ({ rung, candidate: share, control }) =>
          `${rung} ${percent(share)}${control === null ? '' : ` (${percent(control)})`}`,
      )
    return `  ${candidate.padEnd(12)} ${caught.length === 0 ? 'none more often than the served model' : caught.join(', ')}`
  })
  return [
    'Which rungs of the comparison caught them, in brackets the served model asked again (what is harmful, of all pairs):',
    ...lines,
  ]
}

/** A reader must see which of the demo's margins are its own. */
function marginsOf({ gates: { errors, ttftP50 } }: Config): string[] {
  const usual = Gates.parse({})
  return [
    'Where the margins of this demo are not the defaults, so that some hundred quick requests can decide:',
    `  errors ${percent(errors.absolute)} above the control, at most ${percent(errors.ceiling)} (default ${percent(usual.errors.absolute)}, ${percent(usual.errors.ceiling)})`,
    `  median time to first token ${ttftP50.absoluteMs} ms (default ${usual.ttftP50.absoluteMs} ms): pretend models are quick`,
    `  p95 latency decides nothing, and no minimum of days (default ${usual.minDays})`,
  ]
}

async function stay({ report, store }: Urls, configFile: string, ended: Promise<unknown>): Promise<void> {
  say(`Report ${report}   ClickHouse ${store} (read-only)   Ctrl-C ends it`)
  say(
    `Try: npx understudy sql --config ${configFile} "SELECT * FROM equivalence_summary(candidate='subtle', since='2026-01-01')"`,
  )
  await ended
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UnderstudyError('USAGE', `${option} "${text}" is not a whole number from 1 to 9999999`)
}

/** For people; standard output is kept for the report. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
