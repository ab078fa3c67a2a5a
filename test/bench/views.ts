// npm run bench -- views: how long each view that people ask by name takes, over ten million comparisons of five candidates.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { settleDays } from '../../services/record/settle-days.ts'
import { armsOf, controlArm } from '../../shared/config/arms.ts'
import { Config } from '../../shared/config/schema.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { median } from './compare/measure.ts'
import { days, startMs, writeTraffic } from './report/traffic.ts'
import { writeRest } from './views/rest.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, provider: 'openai', model: `small-${name}` })),
})
const dayMs = 86_400_000
const rounds = 15
/** Milliseconds from asking to having the answer: of what adds up, and of what lists single pairs and places. */
const goals = { sums: 100, list: 500 }
const ofCandidate = "candidate = 'a', since = '2020-01-01'"
const views: [name: string, asked: string, goal: keyof typeof goals][] = [
  ['equivalence_summary', ofCandidate, 'sums'],
  ['slice_report', ofCandidate, 'sums'],
  ['time_series', ofCandidate, 'sums'],
  ['latency_delta', ofCandidate, 'sums'],
  ['cost_delta', ofCandidate, 'sums'],
  ['judge_summary', ofCandidate, 'sums'],
  ['noise_floor', "since = '2020-01-01'", 'sums'],
  ['spend', "since = '2020-01-01'", 'sums'],
  ['served_drift', "since = '2020-01-01'", 'sums'],
  ['json_path_differences', ofCandidate, 'list'],
  ['diff_report', ofCandidate, 'list'],
  ['worst_differences', `${ofCandidate}, n = 20`, 'list'],
]

/**
 * Prints for each view the medians of the time to the answer and of the processor time, with its goal; the exit code is 1 where one is missed.
 * Twice: as long as the last day of the traffic is under way, and once it is added up. `--store FOLDER`: made there where it is missing, and
 * kept; of one that is there, only the second is told.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '10000000' }, store: { type: 'string' } },
  })
  const folder = values.store ?? mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const isMade = values.store !== undefined && existsSync(folder)
  const store = await openEmbedded(folder, 'embedded')
  try {
    await migrate(store)
    if (!isMade) {
      await write(store, Number(values.rows))
      await settleDays(store, new Date(startMs + (days - 1) * dayMs))
      await measure(store, 'the last day under way')
    }
    await settleDays(store, new Date(startMs + (days + 2) * dayMs))
    await measure(store, 'all days added up')
  } finally {
    await store.close()
    if (values.store === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function write(store: Store, rows: number): Promise<void> {
  const arms = armsOf(config)
  const isControl = ({ name }: { name: string }) => name === controlArm
  await writeTraffic(
    store,
    arms.filter((arm) => !isControl(arm)),
    arms.find(isControl)!,
    rows,
  )
  await writeRest(store)
}

async function measure(store: Store, when: string): Promise<void> {
  console.log(`${when}:`)
  for (const [view, asked, kind] of views) {
    const ask = () => store.query(`SELECT * FROM ${view}(${asked}) LIMIT 1000`)
    const { length } = await ask()
    const runs: { wallMs: number; cpuMs: number }[] = []
    for (let round = 0; round < rounds; round += 1) runs.push(await spent(ask))
    const wallMs = median(runs.map((run) => run.wallMs))
    const cpuMs = median(runs.map((run) => run.cpuMs))
    const isMet = length > 0 && wallMs <= goals[kind]
    if (!isMet) process.exitCode = 1
    console.log(
      `  ${view.padEnd(24)}${wallMs.toFixed(0).padStart(6)} ms${cpuMs.toFixed(0).padStart(8)} ms CPU${String(length).padStart(7)} rows   ` +
        `goal <= ${goals[kind]} ms: ${isMet ? 'met' : 'MISSED'}`,
    )
  }
}

async function spent(work: () => Promise<unknown>): Promise<{ wallMs: number; cpuMs: number }> {
  const [before, start] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1_000 }
}
