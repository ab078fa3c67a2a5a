import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeRun } from './tap/about.ts'
import { pinSelf, start, type Started } from './tap/process.ts'
import { type Cell, type Sample } from './tap/results.ts'
import { type Job, runRounds } from './tap/rounds.ts'
import { bootstrap, median, ratios } from './tap/statistics.ts'
import type { Asked, Beside } from './upstream-http2/client.ts'

// The client has core 1 for itself; the provider has core 0.
const [providerCore, clientCore] = [0, 1]
const certificate = new URL('../fixtures/tls/localhost-certificate.pem', import.meta.url).pathname
const ways = { 'HTTP/1.1': 'http1', 'HTTP/2, 1 session': '1', 'HTTP/2, 4 sessions': '4' } as const
const reference = 'HTTP/1.1'
const crowded = 32
const disturbances: Record<string, Beside> = {
  'beside a slow reader': 'slow reader',
  'beside uploads of 8 MiB': 'uploads',
  'a connection at a time stands still for 250 ms': 'stalls',
}

type Cells = Record<string, Cell>

/**
 * What it costs to ask a provider over TLS: the tap's own HTTP/1.1 client, with a connection for each exchange under way,
 * beside sessions of node:http2. Every round measures everything once, in fresh random order; ratios are taken inside
 * each round. Processor time is that of the client's process; wall-clock figures mean little on a machine that is not idle.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
    },
  })
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
  const finish = describeRun({ rounds, seconds })
  pinSelf(providerCore)
  const running: Started[] = []
  try {
    const provider = await startPart(running, providerCore, 'provider.ts')
    const { url, stallingUrl } = provider.told as { url: string; stallingUrl: string }
    const jobs: Job[] = []
    for (const [subject, way] of Object.entries(ways)) {
      const { child } = (await startPart(running, clientCore, 'client.ts', way, url, stallingUrl)).started
      const asker = (asked: Omit<Asked, 'seconds'>) => async (forSeconds: number) => {
        const before = await heard(provider.started.child, {})
        const sample = await heard(child, { ...asked, seconds: forSeconds })
        const after = await heard(provider.started.child, {})
        return { ...sample, connections: after['connections']! - before['connections']! }
      }
      jobs.push(...cellsOf(values.only).map(({ cell, ...asked }) => ({ cell, subject, measure: asker(asked) })))
    }
    const cells = await runRounds(jobs, { rounds, seconds })
    const about = finish([])
    const text = report(
      cells,
      `${about.machine}; ${rounds} rounds of ${seconds} s; load ${about.loadAverages.before.toFixed(2)} before, ${about.loadAverages.after.toFixed(2)} after`,
    )
    mkdirSync('data/bench', { recursive: true })
    writeFileSync('data/bench/upstream-http2.json', JSON.stringify({ about, cells }, null, 1))
    writeFileSync('data/bench/upstream-http2.md', text)
    console.log(text)
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

function cellsOf(only: string): (Omit<Asked, 'seconds'> & { cell: string })[] {
  const quiet: [name: string, path: string, concurrencies: number[]][] = [
    ['1 KB up and down', '/small', [1, crowded, 256]],
    ['40 events at once', '/stream', [1, crowded, 256]],
    ['40 events 20 ms apart', '/paced', [crowded, 256]],
  ]
  const cells = quiet.flatMap(([name, path, concurrencies]) =>
    concurrencies.map((concurrency) => ({
      cell: `${name}, c=${concurrency}`,
      path,
      concurrency,
      beside: 'nothing' as const,
    })),
  )
  const disturbed = Object.entries(disturbances).map(([name, beside]) => ({
    cell: `1 KB up and down, c=${crowded}, ${name}`,
    path: '/small',
    concurrency: crowded,
    beside,
  }))
  return [...cells, ...disturbed].filter(({ cell }) => cell.includes(only))
}

async function startPart(running: Started[], core: number, script: string, ...args: string[]) {
  const file = new URL(`./upstream-http2/${script}`, import.meta.url).pathname
  const env = { NODE_EXTRA_CA_CERTS: certificate }
  const started = start([process.execPath, file, ...args], { core, env, ipc: true })
  running.push(started)
  const [told] = (await once(started.child, 'message')) as [unknown]
  return { started, told }
}

/** What a process answers. One that ends instead makes the run void. */
async function heard(child: Started['child'], question: object): Promise<Sample> {
  const ended = new AbortController()
  const answer = once(child, 'message', { signal: ended.signal }) as Promise<[Sample]>
  const exit = () => ended.abort()
  child.once('exit', exit)
  child.send(question)
  const [sample] = await answer
  child.off('exit', exit)
  return sample
}

function report(cells: Cells, about: string): string {
  const lines = [`${about}. Processor time of the client's process.`, '']
  const quietP99 = (subject: string) =>
    cells[`1 KB up and down, c=${crowded}`]?.[subject]?.map((sample) => sample['p99Us']!) ?? []
  for (const [name, cell] of Object.entries(cells)) {
    const isDisturbed = Object.keys(disturbances).some((disturbance) => name.endsWith(disturbance))
    lines.push(
      `| ${name} | CPU µs | CPU / ${reference} (95 %) | p50 µs | p99 µs | connections |${isDisturbed ? ' p99 / quiet (95 %) | later than 250 ms, % |' : ''}`,
      `|---|--:|--:|--:|--:|--:|${isDisturbed ? '--:|--:|' : ''}`,
    )
    for (const [subject, samples] of Object.entries(cell)) {
      const valuesOf = (metric: string, of = samples) => of.map((sample) => sample[metric]!)
      const of = (metric: string) => median(valuesOf(metric)).toFixed(0)
      const figures = [
        of('cpuUs'),
        told(ratios(valuesOf('cpuUs'), valuesOf('cpuUs', cell[reference]))),
        ...['p50Us', 'p99Us', 'connections'].map(of),
      ]
      if (isDisturbed) {
        figures.push(told(ratios(valuesOf('p99Us'), quietP99(subject))), median(valuesOf('latePercent')).toFixed(2))
      }
      lines.push(`| ${subject} | ${figures.join(' | ')} |`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

/** Median over rounds, with its interval. */
function told(values: number[]): string {
  const { median: middle, low, high } = bootstrap(values)
  return `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}
