import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeRun } from './tap/about.ts'
import * as cells from './tap/cells.ts'
import { measureExchanges, type Subject } from './tap/measure.ts'
import { pinSelf, type Started, startScript } from './tap/process.ts'
import { report } from './tap/report.ts'
import { type Cell, type Results } from './tap/results.ts'
import { type RoundOptions, runRounds } from './tap/rounds.ts'
import { startSilentBroker } from './tap/silent-broker.ts'
import { median } from './tap/statistics.ts'
import { startSubjects } from './tap/subjects.ts'
import { type Peer, peers } from './tap/targets.ts'

// The system under test has core 1 for itself; the provider and the clients share core 0.
const [clientCore, testedCore] = [0, 1]
const cellNames = ['load', 'broker', 'open', 'bodies', 'stream', 'streams'] as const
type CellName = (typeof cellNames)[number]

/**
 * What the tap costs, beside what others cost for less: mirroring and redaction are on unless a row says otherwise. Every
 * round measures every subject once, in fresh random order; ratios are taken inside each round. Peers are installed when
 * they are first wanted, into data/bench/peers; one that cannot be had is left out by name. Writes data/bench/tap.json
 * and, made of nothing else, data/bench/tap.md.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '1.5' },
      only: { type: 'string', default: cellNames.join(',') },
      peers: { type: 'string', default: peers.map(({ name }) => name).join(',') },
    },
  })
  // Processor time is read from /proc.
  if (process.platform !== 'linux') throw new Error(`this benchmark needs Linux, and this is ${process.platform}`)
  const only = listed(values.only, cellNames, '--only') as CellName[]
  const names = peers.map(({ name }) => name)
  // What everything is compared with is always there.
  const wanted = ['relay', 'bare', ...listed(values.peers, names, '--peers')]
  const results = await measureAll(
    peers.filter(({ name }) => wanted.includes(name)),
    only,
    { rounds: Number(values.rounds), seconds: Number(values.seconds) },
  )
  const text = report(results)
  mkdirSync('data/bench', { recursive: true })
  writeFileSync('data/bench/tap.json', JSON.stringify(results, null, 1))
  writeFileSync('data/bench/tap.md', text)
  console.log(text)
}

async function measureAll(wanted: Peer[], only: CellName[], options: RoundOptions): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const running: { stop(): Promise<void> }[] = []
  const finish = describeRun(options)
  pinSelf(clientCore)
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (removeFolder(), process.exit(1)))
  try {
    const provider = await startScript('upstream.ts', [], clientCore)
    const slow = await startScript('upstream.ts', ['50'], clientCore)
    const broker = await startSilentBroker()
    running.push(provider, slow, broker)
    const around = { upstream: provider.urls[0]!, folder, core: testedCore }
    const started = await startSubjects(wanted, {
      around,
      provider,
      slowMirror: slow.urls[0]!,
      broker: broker.address,
    })
    running.push(...started.running)
    const measured = await measureCells(started.subjects, provider, only, options)
    return { about: finish(started.peers), ...measured }
  } finally {
    await Promise.all(running.map((one) => one.stop()))
    removeFolder()
  }
}

async function measureCells(
  subjects: Subject[],
  provider: Started,
  only: CellName[],
  options: RoundOptions,
): Promise<Pick<Results, 'cells' | 'memory'>> {
  const measured: Record<string, Cell> = {}
  const memory: Results['memory'] = {}
  const of = (...names: string[]): Subject[] => subjects.filter(({ name }) => names.includes(name))
  const notFaulty = subjects.filter(({ name }) => !['tap, dead broker', 'nginx, slow mirror'].includes(name))
  const run = async (name: CellName, jobs: () => cells.Jobs, more: Partial<RoundOptions> = {}): Promise<void> => {
    if (only.includes(name)) Object.assign(measured, await runRounds(await jobs(), { ...options, ...more }))
  }
  const startedMs = performance.now()
  const afterEach = (): void => {
    const minute = (performance.now() - startedMs) / 60_000
    for (const { name, target } of notFaulty) {
      if (name === target.name) (memory[name] ??= []).push({ x: minute, y: target.started.residentMiB() })
    }
  }
  await run('load', () => cells.closedLoops(notFaulty, provider), { warmUps: 4, afterEach })
  const faulty = of('tap', 'tap, mirror off', 'tap, dead broker', 'nginx mirror', 'nginx, slow mirror')
  await run('broker', () => cells.deadMirrors(faulty, provider))
  await run('open', async () => {
    const [tap] = of('tap')
    return cells.openLoops(of('direct', 'bare', 'tap'), provider, await capacityOf(tap!, provider, measured['c=32']))
  })
  await run('bodies', () => cells.largeBodies(of('direct', 'relay', 'bare', 'tap'), provider))
  const streaming = of('direct', 'relay', 'bare', 'tap', 'nginx', 'Portkey', 'LiteLLM')
  await run('stream', () => cells.streamDelays(streaming))
  await run('streams', () => cells.streamCrowds(of('direct', 'relay', 'bare', 'tap', 'nginx'), provider), {
    rounds: Math.min(3, options.rounds),
    warmUps: 0,
  })
  return { cells: measured, memory }
}

async function capacityOf(tap: Subject, provider: Started, known: Cell | undefined): Promise<number> {
  const samples = known?.['tap'] ?? [await measureExchanges(tap, provider, { connections: 32, seconds: 3 })]
  return median(samples.map((sample) => sample['rps']!))
}

function listed(text: string, known: readonly string[], option: string): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return names
  console.error(`${option}: there is no "${unknown}"; there are ${known.join(', ')}`)
  return process.exit(2)
}
