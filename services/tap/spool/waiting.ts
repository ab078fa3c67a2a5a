import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addTo, type Counts, groupOf, type LedgerKey } from '../ledger.ts'

/** Copies that no journal tells of yet, in the order in which the mirror comes to them: after the first `from`, `times` of each group. */
export type Waiting = { from: number; runs: { group: string; times: number }[] }

const waiting = 'waiting'
const begun = 'begun'

export function waitingOf(from: number, keys: readonly LedgerKey[]): Waiting {
  const runs: Waiting['runs'] = []
  let last: LedgerKey | null = null
  for (const key of keys) {
    if (last?.hourMs === key.hourMs && last.upstream === key.upstream && last.route === key.route) {
      runs.at(-1)!.times += 1
    } else runs.push({ group: groupOf(key), times: 1 })
    last = key
  }
  return { from, runs }
}

/** Whole or not at all for whoever comes after the process; a machine that stops may lose it. */
export async function noteWaiting(folder: string, copies: Waiting): Promise<void> {
  const file = join(folder, waiting)
  await writeFile(`${file}.new`, JSON.stringify(copies))
  await rename(`${file}.new`, file)
}

/** Of those that the mirror has come to: before the log is given one of them, so that nothing is published of which nobody tells. */
export function noteBegun(folder: string, copies: Waiting): void {
  const file = join(folder, begun)
  writeFileSync(`${file}.new`, JSON.stringify(copies))
  renameSync(`${file}.new`, file)
}

/** What was noted last and is not among the first `copies`. */
export function readWaiting(folder: string, copies: number): Counts {
  const counts = Object.create(null) as Counts
  const ofMirror = noted(folder, begun)
  addBeyond(counts, ofMirror, copies)
  addBeyond(counts, noted(folder, waiting), Math.max(copies, endOf(ofMirror)))
  return counts
}

const endOf = ({ from, runs }: Waiting): number => runs.reduce((sum, { times }) => sum + times, from)

function addBeyond(counts: Counts, { from, runs }: Waiting, copies: number): void {
  let known = Math.max(0, copies - from)
  for (const { group, times } of runs) {
    const left = times - Math.min(known, times)
    known -= times - left
    if (left > 0) addTo(counts, group, left)
  }
}

function noted(folder: string, name: string): Waiting {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Waiting
  } catch {
    return { from: 0, runs: [] }
  }
}
