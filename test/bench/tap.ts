import { cpus, loadavg, release } from 'node:os'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { load, quantile } from './tap/load.ts'
import { type Cpu, pin, residentMiB, start, type Target } from './tap/process.ts'

// The system under test has core 1 for itself; the provider and the clients share core 0.
const [clientCore, testedCore] = [0, 1]

type Subject = { name: string; target: Target; optOut: boolean }
type Cell = { rps: number; p50Us: number; p99Us: number; mainUs: number; allUs: number }

/**
 * What the tap costs, beside what Node itself costs: a bare node:http + undici pass-through that copies nothing, and a
 * relay of raw sockets. Every round runs every subject once, in fresh random order; figures are medians over rounds, and
 * ratios are taken inside each round before their median.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '1,32' },
      out: { type: 'string', default: 'data/bench' },
    },
  })
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
  pin(process.pid, clientCore)
  const upstream = await start('upstream.ts', [], clientCore)
  const subjects = await startSubjects(upstream)
  const results: Record<string, Record<string, Cell[]>> = {}
  try {
    for (const connections of values.connections.split(',').map(Number)) {
      const cells: Record<string, Cell[]> = (results[`c=${connections}`] = {})
      // Two rounds to warm up, not counted.
      for (let round = -2; round < rounds; round++) {
        for (const subject of shuffled(subjects)) {
          const cell = await measure(subject, connections, round < 0 ? 1 : seconds)
          if (round >= 0) (cells[subject.name] ??= []).push(cell)
        }
      }
    }
    const memory = subjects.map(({ name, target }) => `${name} ${residentMiB(target.pid).toFixed(0)} MiB`).join(', ')
    report(results, { rounds, seconds, memory, out: values.out })
  } finally {
    await Promise.all([...new Set(subjects.map(({ target }) => target)), upstream].map((target) => target.stop()))
  }
}

async function startSubjects(upstream: Target): Promise<Subject[]> {
  const tap = await start('through-tap.ts', [upstream.url], testedCore)
  return [
    { name: 'direct', target: upstream, optOut: false },
    { name: 'relay', target: await start('relay.ts', [upstream.url], testedCore), optOut: false },
    { name: 'bare', target: await start('bare.ts', [upstream.url], testedCore), optOut: false },
    { name: 'tap', target: tap, optOut: false },
    { name: 'tap, mirror off', target: tap, optOut: true },
  ]
}

async function measure({ name, target, optOut }: Subject, connections: number, seconds: number): Promise<Cell> {
  const before = target.cpuUs()
  const { exchanges, seconds: took, latenciesUs, failed } = await load(target.url, { connections, seconds, optOut })
  if (failed > 0) throw new Error(`${failed} connections to ${name} failed: the run is void`)
  // What the mirror still has in hand belongs to these exchanges.
  const after = await settled(target)
  return {
    rps: exchanges / took,
    p50Us: quantile(latenciesUs, 0.5),
    p99Us: quantile(latenciesUs, 0.99),
    mainUs: (after.main - before.main) / exchanges,
    allUs: (after.all - before.all) / exchanges,
  }
}

async function settled(target: Target): Promise<Cpu> {
  for (let last = target.cpuUs(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    const now = target.cpuUs()
    // Idle timers are below a tick or two.
    if (now.all - last.all <= 20_000) return now
    last = now
  }
}

type About = { rounds: number; seconds: number; memory: string; out: string }

function report(results: Record<string, Record<string, Cell[]>>, { rounds, seconds, memory, out }: About): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`
  const lines = [
    `${machine}; ${rounds} rounds of ${seconds} s, pinned; load at the end ${loadavg()[0]!.toFixed(2)}; ${memory}`,
    '',
  ]
  for (const [connections, cells] of Object.entries(results)) {
    lines.push(
      `| ${connections} | req/s | p50 µs | p99 µs | CPU µs, forwarding thread | CPU µs, all threads | CPU / bare, forwarding | CPU / bare, all | req/s / bare |`,
      '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
      ...Object.keys(cells).map((name) => tableRow(name, cells)),
      '',
    )
  }
  const table = lines.join('\n')
  mkdirSync(out, { recursive: true })
  writeFileSync(`${out}/tap.md`, table)
  writeFileSync(`${out}/tap.json`, JSON.stringify({ machine, rounds, seconds, results }, null, 2))
  console.log(table)
}

function tableRow(name: string, cells: Record<string, Cell[]>): string {
  const own = cells[name]!
  const of = (key: keyof Cell): string => median(own.map((cell) => cell[key])).toFixed(0)
  const ratio = (key: keyof Cell): string =>
    median(own.map((cell, round) => cell[key] / cells['bare']![round]![key])).toFixed(2)
  const figures = [
    of('rps'),
    of('p50Us'),
    of('p99Us'),
    of('mainUs'),
    of('allUs'),
    ratio('mainUs'),
    ratio('allUs'),
    ratio('rps'),
  ]
  return `| ${name} | ${figures.join(' | ')} |`
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
