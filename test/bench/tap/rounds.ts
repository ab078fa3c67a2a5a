import { type Cell, type Sample } from './results.ts'
import { shuffled } from './statistics.ts'

export type Job = { cell: string; subject: string; measure: (seconds: number) => Promise<Sample> }

export type RoundOptions = {
  rounds: number
  seconds: number
  /** Rounds of a second before the ones that count, so that every compiler has done its work. */
  warmUps?: number
  afterEach?: () => void
}

/** Every job once a round, in fresh random order. Cells by name. */
export async function runRounds(jobs: Job[], options: RoundOptions): Promise<Record<string, Cell>> {
  const { rounds, seconds, warmUps = 1, afterEach = () => {} } = options
  const cells: Record<string, Cell> = {}
  for (const { cell, subject } of jobs) (cells[cell] ??= {})[subject] = []
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const { cell, subject, measure } of shuffled(jobs)) {
      const sample = await measure(round < 0 ? 1 : seconds).catch((err: unknown) => {
        process.stderr.write(`${cell}, ${subject}: ${String(err)}\n`)
        return { broken: 1 }
      })
      if (round < 0) continue
      cells[cell]![subject]!.push(sample)
      afterEach()
    }
    process.stderr.write(`${[...new Set(jobs.map(({ cell }) => cell))].join(', ')}: round ${round + 1} of ${rounds}\n`)
  }
  return cells
}
