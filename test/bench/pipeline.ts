import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { startCluster } from '../../infra/kafka/cluster.ts'
import { Exchange } from '../../shared/contracts/exchange.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { encodeMessage } from '../../shared/log/messages.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { silentLogger } from '../../shared/logger.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { anExchange } from '../services/replay/builders.ts'
import { completion, pairs } from './pipeline/answers.ts'
import { type StageName, stages, type Told, type Weight } from './pipeline/protocol.ts'

const dollarsPerCoreHour = 0.04
const candidates = 4
/** The control's answers are compared, too. */
const arms = candidates + 1
const goals = { perSecond: 2_000, freshnessP99Ms: 3_000 }

type Part = StageName | 'broker'
type Run = { seconds: number; comparisons: number; cpuUs: Record<Part, number>; lateMs: number[] }

/**
 * From exchanges in a real Kafka broker to comparisons that can be asked for in the engine of a process: how many a second, how late
 * at half of that, and what each stage costs. The stages are the real ones, a process each; the models are a pretend provider.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      exchanges: { type: 'string', default: '4000' },
      seconds: { type: 'string', default: '20' },
      out: { type: 'string', default: 'data/bench' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const cluster = await startCluster({ folder: join(folder, 'kafka'), properties: { 'num.network.threads': '2' } })
  const running = new Map<StageName, ChildProcess>()
  try {
    const configFile = join(folder, 'understudy.yaml')
    const start = async (stage: StageName): Promise<string> => {
      const child = fork(new URL('pipeline/process.ts', import.meta.url), [stage, configFile])
      running.set(stage, child)
      const [ready] = (await once(child, 'message')) as [string]
      return ready
    }
    const provider = await start('provider')
    writeFileSync(configFile, stringify(configOf(provider, cluster.brokers[0]!.address, folder)))
    const { log: logConfig } = loadConfig(configFile, process.env)
    const log = await openTopicLog(logConfig, { logger: silentLogger, clientId: 'bench' })
    await log.prepare()
    for (const stage of ['record', 'compare', 'replay'] as const) await start(stage)
    const tell = tellerOf(running, cluster.brokers[0]!.process.pid!)

    // Not counted: programs are compiled, connections made.
    await runAll(log, tell, 500)
    const full = await runAll(log, tell, Number(values.exchanges))
    const perSecond = full.comparisons / full.seconds
    const half = await runPaced(log, tell, perSecond / arms / 2, Number(values.seconds))
    const exchanges = (500 * arms + full.comparisons + half.comparisons) / arms
    const weighed = once(running.get('record')!, 'message')
    running.get('record')!.send('weigh')
    const [weight] = (await weighed) as [Weight]
    const bytesPerExchange = {
      bodies: weight.bodies / exchanges,
      numbers: weight.numbers / exchanges,
      log: bytesOfLog(join(folder, 'kafka')) / exchanges,
    }
    report({ full, half, bytesPerExchange, out: values.out })
    await log.close()
  } finally {
    await Promise.all([...running.values()].map(end))
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function configOf(provider: string, broker: string, folder: string): object {
  const limits = { concurrency: 32 }
  return {
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: provider } } },
    log: { kafka: { brokers: [broker], partitions: 4 } },
    store: { embedded: join(folder, 'store'), listen: '127.0.0.1:0' },
    providers: { openai: { dialect: 'openai', baseUrl: `${provider}/v1`, apiKey: 'k' } },
    control: { provider: 'openai', limits },
    candidates: Array.from({ length: candidates }, (_, nth) => ({
      name: `candidate-${nth}`,
      provider: 'openai',
      model: `gpt-4o-${nth}`,
      limits,
    })),
    compare: { workers: 1 },
    ops: false,
  }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.send('stop')
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await gone
  clearTimeout(killer)
}

type Tell = () => Promise<{ cpuUs: Record<Part, number>; visible: number; lateMs: number[] }>

function tellerOf(running: ReadonlyMap<StageName, ChildProcess>, brokerPid: number): Tell {
  return async () => {
    const told = await Promise.all(
      stages.map(async (stage) => {
        const answer = once(running.get(stage)!, 'message')
        running.get(stage)!.send('tell')
        return [stage, ((await answer) as [Told])[0]] as const
      }),
    )
    const cpuUs = Object.fromEntries(told.map(([stage, { cpuUs: us }]) => [stage, us])) as Record<StageName, number>
    const record = told.find(([stage]) => stage === 'record')![1]
    return { cpuUs: { ...cpuUs, broker: cpuUsOf(brokerPid) }, visible: record.visible, lateMs: record.lateMs }
  }
}

/** As Linux counts it: in hundredths of a second. */
function cpuUsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Of what is in the topics; indexes are made larger than they are used. */
function bytesOfLog(folder: string): number {
  const files = globSync('**/understudy.*/*.log', { cwd: folder })
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
}

function records(count: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, nth) => {
    const question = { role: 'user', content: `Question ${nth % pairs.length}: what does my order cost?` }
    const exchange = anExchange(
      { model: 'gpt-4o', messages: [question] },
      { capturedAt: new Date().toISOString(), conversationId: `conversation-${nth}` },
    )
    const data = completion(pairs[nth % pairs.length]!.served)
    exchange.served.body = { ...exchange.served.body, data, sizeBytes: data.length }
    return { key: exchange.conversationId, value: encodeMessage(Exchange, exchange) }
  })
}

/** All at once; until the last comparison can be asked for. */
async function runAll(log: TopicLog, tell: Tell, exchanges: number): Promise<Run> {
  const before = await tell()
  const startedAtMs = performance.now()
  for (let sent = 0; sent < exchanges; sent += 500)
    await log.publish('exchanges', records(Math.min(500, exchanges - sent)))
  return await untilVisible(tell, before, startedAtMs, exchanges * arms)
}

async function runPaced(log: TopicLog, tell: Tell, perSecond: number, seconds: number): Promise<Run> {
  const before = await tell()
  const startedAtMs = performance.now()
  let sent = 0
  while (performance.now() - startedAtMs < seconds * 1000) {
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond)
    if (due > sent) await log.publish('exchanges', records(due - sent))
    sent = Math.max(sent, due)
    await sleep(50)
  }
  return await untilVisible(tell, before, startedAtMs, sent * arms)
}

async function untilVisible(
  tell: Tell,
  before: Awaited<ReturnType<Tell>>,
  startedAtMs: number,
  comparisons: number,
): Promise<Run> {
  const lateMs: number[] = []
  for (;;) {
    const now = await tell()
    lateMs.push(...now.lateMs)
    if (now.visible - before.visible >= comparisons) {
      const parts = Object.entries(now.cpuUs).map(([part, us]) => [part, us - before.cpuUs[part as Part]])
      const cpuUs = Object.fromEntries(parts) as Record<Part, number>
      return { seconds: (performance.now() - startedAtMs) / 1000, comparisons, cpuUs, lateMs }
    }
    if (performance.now() - startedAtMs > 300_000) throw new Error('comparisons are missing: the run is void')
    await sleep(50)
  }
}

type Findings = { full: Run; half: Run; bytesPerExchange: Record<string, number>; out: string }

function report({ full, half, bytesPerExchange, out }: Findings): void {
  const perSecond = full.comparisons / full.seconds
  const freshness = quantile(half.lateMs, 0.99)!
  const secondsPerMillion = (part: Part) => full.cpuUs[part] / full.comparisons
  const ours = (['replay', 'compare', 'record'] as const).reduce((sum, part) => sum + secondsPerMillion(part), 0)
  const withBroker = ours + secondsPerMillion('broker')
  const verdict = (isKept: boolean) => (isKept ? 'kept' : 'missed')
  const table = [
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${full.comparisons} comparisons of ${arms} arms; load at the end ${loadavg()[0]!.toFixed(1)}`,
    '',
    '| | seen | goal | |',
    '|---|--:|--:|---|',
    `| comparisons a second, all parts on this machine | ${perSecond.toFixed(0)} | ≥ ${goals.perSecond} | ${verdict(perSecond >= goals.perSecond)} |`,
    `| from capture to visible at half of that, p99 | ${freshness.toFixed(0)} ms | ≤ ${goals.freshnessP99Ms} ms | ${verdict(freshness <= goals.freshnessP99Ms)} |`,
    ...(['replay', 'compare', 'record', 'broker', 'provider'] as const).map(
      (part) => `| CPU seconds a million comparisons, ${part} | ${secondsPerMillion(part).toFixed(0)} | | |`,
    ),
    `| dollars a million comparisons at $${dollarsPerCoreHour} a core and hour, stages and broker | ${((withBroker / 3600) * dollarsPerCoreHour).toFixed(4)} | | |`,
    `| comparisons a second that two cores could do, without the provider | ${(2e6 / withBroker).toFixed(0)} | | |`,
  ].join('\n')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'pipeline.md'), `${table}\n`)
  const secondsPerMillionOf = Object.fromEntries(
    Object.keys(full.cpuUs).map((part) => [part, secondsPerMillion(part as Part)]),
  )
  writeFileSync(
    join(out, 'pipeline.json'),
    JSON.stringify(
      { perSecond, freshnessP99Ms: freshness, arms, cpuSecondsPerMillion: secondsPerMillionOf, bytesPerExchange },
      null,
      2,
    ),
  )
  console.log(table)
}
