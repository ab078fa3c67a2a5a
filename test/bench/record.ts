// npm run bench -- record: what storing costs the engine and this process, and what a comparison takes on disk.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChdbConnection } from 'chdb/connection'
import { type Comparison } from '../../shared/contracts/comparison.ts'
import { comparisonRow } from '../../services/record/rows.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { encodeNative } from '../../shared/store/native.ts'
import { sha256Hex, uuidv7 } from '../../shared/ids.ts'
import { seededRandom } from '../../shared/statistics/seeded-random.ts'
import { type Store } from '../../shared/store/store.ts'
import { aComparison, aMeasure } from '../services/record/samples.ts'

const rowCount = 20_000
/** So many that what one candidate shares with the next is too far away to be packed together, as it is after a day. */
const rowsOnDisk = 200_000
const candidates = 5
const rounds = 5
const ours = 5_000
/** What Langfuse's writer gathers: lines of JSON, this many at a time. */
const theirs = 1_000
let isMissed = false

export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const store = await openEmbedded(folder, 'embedded')
  try {
    await migrate(store)
    const rows = comparisonRows(rowCount)
    const version = await store.query<{ version: string }>('SELECT version() AS version')
    console.log(`chdb ${version[0]!.version}, Node ${process.version}; ${rowCount} comparisons, ${rounds} rounds\n`)
    await benchEngine(store, folder, rows)
    await benchClient(store, rows)
    await benchSize(store)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (isMissed) process.exitCode = 1
}

/**
 * A day of five candidates, each with every exchange: measures that no two answers share, ids as the stages make them. They have
 * been text, as they have where they come from the log: V8 keeps texts that were put together in another way.
 */
function comparisonRows(count: number): object[] {
  const random = seededRandom(7)
  const measure = () =>
    aMeasure({
      quality: random() < 0.8 ? 1 : Math.round(random() * 100) / 100,
      divergence: Math.round(random() * 1000) / 1000,
      ttftMs: Math.round(random() * 5_000) / 10,
      totalMs: Math.round(random() * 30_000) / 10,
      outputTokens: Math.floor(random() * 400),
      costUsd: Math.round(random() * 1e6) / 1e9,
    })
  return Array.from({ length: count / candidates }, (_, nth) => {
    const capturedAtMs = Date.UTC(2026, 10, 20) + nth * 977
    const at = (laterMs: number) => new Date(capturedAtMs + laterMs).toISOString()
    const exchange = {
      exchangeId: uuidv7(capturedAtMs),
      capturedAt: at(0),
      conversationId: sha256Hex(`${nth}`).slice(0, 32),
      control: measure(),
    }
    return Array.from({ length: candidates }, (_, candidate) =>
      asRead(
        aComparison(`${nth}`, `candidate-${candidate}`, {
          ...exchange,
          measured: measure(),
          askedAt: at(1_000 + Math.floor(random() * 1_000)),
          comparedAt: at(5_000 + Math.floor(random() * 3_000)),
        }),
      ),
    ).map(comparisonRow)
  }).flat()
}

const asRead = (comparison: Comparison): Comparison => JSON.parse(JSON.stringify(comparison)) as Comparison

function told(name: string, figure: string, goal: string, isMet: boolean): void {
  if (!isMet) isMissed = true
  console.log(`${name.padEnd(66)}${figure.padStart(14)}   goal ${goal}: ${isMet ? 'met' : 'MISSED'}`)
}

async function cpuSeconds(work: () => Promise<unknown> | void): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

/** The whole process is measured: engine, hand-over and encoding. */
async function benchEngine(store: Store, folder: string, rows: object[]): Promise<void> {
  const connection = createChdbConnection({ path: folder })
  const settings = { date_time_input_format: 'best_effort' }
  const lines = chunksOf(rows, theirs).map((chunk) =>
    Buffer.from(chunk.map((row) => `${JSON.stringify(row)}\n`).join('')),
  )
  const byLines = async () => {
    for (const values of lines) {
      await connection.chdb.rawInsert({ table: 'comparisons', values, format: 'JSONEachRow', settings })
    }
  }
  const byBlocks = async () => {
    for (const chunk of chunksOf(rows, ours)) await store.insert('comparisons', chunk)
  }
  const seen: Record<'lines' | 'blocks', number[]> = { lines: [], blocks: [] }
  for (let round = -1; round < rounds; round++) {
    for (const [name, work] of [
      ['lines', byLines],
      ['blocks', byBlocks],
    ] as const) {
      await store.command('TRUNCATE TABLE comparisons')
      const seconds = await cpuSeconds(work)
      if (round >= 0) seen[name].push((seconds / rowCount) * 1e6)
    }
  }
  await connection.close()
  const ratio = median(seen.blocks.map((seconds, round) => seconds / seen.lines[round]!))
  console.log(
    `CPU s a million rows: ${theirs}-row JSON lines ${median(seen.lines).toFixed(0)}, ours ${median(seen.blocks).toFixed(0)}`,
  )
  told(
    `storing, ours / ${theirs}-row JSON lines, CPU of the process`,
    `${ratio.toFixed(2)} x`,
    '<= 0.35 x',
    ratio <= 0.35,
  )
}

async function benchClient(store: Store, rows: object[]): Promise<void> {
  const known = await store.query<{ name: string; type: string }>(
    "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'comparisons'",
  )
  const columns = known.filter(({ name }) => name in rows[0]!)
  const chunks = chunksOf(rows, ours)
  const native: number[] = []
  const json: number[] = []
  for (let round = -2; round < rounds; round++) {
    const blocks = await cpuSeconds(() => chunks.forEach((chunk) => encodeNative(columns, chunk)))
    const texts = await cpuSeconds(() =>
      chunks.forEach((chunk) => Buffer.from(chunk.map((row) => JSON.stringify(row)).join('\n'))),
    )
    if (round >= 0) {
      native.push((blocks / rowCount) * 1e6)
      json.push((texts / rowCount) * 1e6)
    }
  }
  const ratio = median(native.map((own, round) => own / json[round]!))
  console.log(`CPU µs a row to encode: JSON ${median(json).toFixed(1)}, ours ${median(native).toFixed(1)}`)
  told('encoding, ours / JSON', `${ratio.toFixed(2)} x`, '<= 0.5 x', ratio <= 0.5)
}

/** Texts apart: excerpts and differences are as long as answers are. */
async function benchSize(store: Store): Promise<void> {
  await store.command('TRUNCATE TABLE comparisons')
  for (const chunk of chunksOf(comparisonRows(rowsOnDisk), ours)) await store.insert('comparisons', chunk)
  await store.command('OPTIMIZE TABLE comparisons FINAL')
  const sizes = await store.query<{ name: string; bytes: number }>(
    `SELECT column AS name, toFloat64(sum(column_data_compressed_bytes)) / ${rowsOnDisk} AS bytes FROM system.parts_columns
     WHERE active AND database = currentDatabase() AND table = 'comparisons' GROUP BY column ORDER BY bytes DESC`,
  )
  const texts = new Set(['differences', 'served_excerpt', 'arm_excerpt', 'not_scored'])
  const numbers = sizes.filter(({ name }) => !texts.has(name))
  const total = numbers.reduce((sum, { bytes }) => sum + bytes, 0)
  const largest = numbers.slice(0, 8).map(({ name, bytes }) => `${name} ${bytes.toFixed(1)}`)
  console.log(`bytes a row: ${largest.join(', ')}`)
  told('a comparison on disk, without its texts', `${total.toFixed(0)} B`, '<= 60 B', total <= 60)
}
