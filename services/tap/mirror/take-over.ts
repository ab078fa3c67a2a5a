import { addTo, type Counts, keyOf, type Ledger } from '../ledger.ts'
import { type Inheritance } from '../spool/spool.ts'
import { type MirrorState } from './mirror.ts'

/**
 * Goes on with the counts of those who left their folders, and of this run's own mirror that died (`resume`), whose state
 * covers its folders and is newer than what they tell.
 */
export function takeOver(ledger: Ledger, folders: readonly Inheritance[], resume: MirrorState | null): void {
  const known = new Set(resume === null ? [] : [resume.folders.home, ...resume.folders.adopted])
  inherit(
    ledger,
    folders.filter(({ name }) => !known.has(name)),
  )
  if (resume === null) return
  ledger.takeOver(resume.ledger, { sameRun: true })
  const inSpool: Counts = {}
  for (const { outstanding } of folders.filter(({ name }) => known.has(name))) {
    for (const [group, times] of Object.entries(outstanding)) addTo(inSpool, group, times)
  }
  settle(ledger, resume.ledger.open, inSpool, 'capture_error')
}

/** Goes on with the counts of taps that are no more. */
export function inherit(ledger: Ledger, folders: readonly Inheritance[]): void {
  for (const { ledger: left, outstanding, waiting } of folders) {
    if (left === null) ledger.inherit(outstanding)
    else {
      ledger.takeOver(left, { sameRun: false })
      settle(ledger, left.open, outstanding, 'tap_killed')
    }
    for (const [group, times] of Object.entries(waiting)) {
      ledger.count(keyOf(group), 'served', undefined, times)
      ledger.count(keyOf(group), 'dropped', 'tap_killed', times)
    }
  }
}

/** What was open and is in no folder was in memory: it is lost, and counted. */
function settle(ledger: Ledger, open: Counts, inSpool: Counts, reason: string): void {
  for (const group of new Set([...Object.keys(open), ...Object.keys(inSpool)])) {
    const lost = (open[group] ?? 0) - (inSpool[group] ?? 0)
    if (lost > 0) ledger.count(keyOf(group), 'dropped', reason, lost)
    // Records that reached the disk after the last time their counts did.
    if (lost < 0) ledger.count(keyOf(group), 'served', undefined, -lost)
  }
}
