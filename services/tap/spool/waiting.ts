import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addTo, type Counts, groupOf, type LedgerKey } from '../ledger.ts'

/** Copies that the mirror has not come to, in the order in which it will: after the first `from`, `times` of each group. */
export type Waiting = { from: number; runs: { group: string; times: number }[] }

const name = 'waiting'

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
export async function noteWaiting(folder: string, waiting: Waiting): Promise<void> {
  const file = join(folder, name)
  await writeFile(`${file}.new`, JSON.stringify(waiting))
  await rename(`${file}.new`, file)
}

/** What was noted last and is not among the first `copies`. */
export function readWaiting(folder: string, copies: number): Counts {
  const counts = Object.create(null) as Counts
  const { from, runs } = noted(folder)
  let known = Math.max(0, copies - from)
  for (const { group, times } of runs) {
    const left = times - Math.min(known, times)
    known -= times - left
    if (left > 0) addTo(counts, group, left)
  }
  return counts
}

function noted(folder: string): Waiting {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Waiting
  } catch {
    return { from: 0, runs: [] }
  }
}
