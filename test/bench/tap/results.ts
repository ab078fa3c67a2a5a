import { type Point } from './statistics.ts'

/** What was measured of one subject in one round, by metric. */
export type Sample = Record<string, number>
/** By subject, then by round: the same index is the same round for every subject. */
export type Cell = Record<string, Sample[]>

export type Results = {
  about: About
  /** By name. */
  cells: Record<string, Cell>
  /** MiB that were resident, by subject and minute, while the closed loops ran. */
  memory: Record<string, Point[]>
}

export type About = {
  machine: string
  startedAt: string
  minutes: number
  rounds: number
  seconds: number
  isPinned: boolean
  loadAverages: { before: number; after: number }
  /** Share of the processors' time that the host kept for itself. */
  stealShare: number
  peers: AboutPeer[]
}

export type AboutPeer = {
  name: string
  version: string
  note: string
  /** Why it is not in the tables. */
  missing: string | null
  /** Whether the bytes of the request's and of the answer's body arrive as they were sent. */
  keepsRequest: boolean | null
  keepsAnswer: boolean | null
}

/** One metric of one subject, round by round; empty where it was not measured. */
export function series(results: Results, cell: string, subject: string, metric: string): number[] {
  return (results.cells[cell]?.[subject] ?? []).map((sample) => sample[metric] ?? Number.NaN)
}

/** What the subject adds to what the clients see without it. */
export function added(results: Results, cell: string, subject: string, metric: string): number[] {
  const direct = series(results, cell, 'direct', metric)
  return series(results, cell, subject, metric).map((value, round) => value - (direct[round] ?? Number.NaN))
}
