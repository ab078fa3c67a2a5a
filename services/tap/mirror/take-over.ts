import { addTo, type Counts, keyOf, type Ledger } from '../ledger.ts'
import { type Inheritance } from '../spool/spool.ts'
import { type MirrorState } from './mirror.ts'

/**
 * Goes on with the counts of those who left their folders, and of this run's own mirror that died (`resume`). What they
 * had open and is in no folder was in their memory: it is lost, and counted.
 */
export function takeOver(ledger: Ledger, folders: readonly Inheritance[], resume: MirrorState | null): void {
  const inSpool: Counts = {}
  const known = resume === null ? [] : [resume.folders.home, ...resume.folders.adopted]
  for (const { name, ledger: left, outstanding } of folders) {
    for (const [group, times] of Object.entries(outstanding)) addTo(inSpool, group, times)
    // The state of this run's own mirror covers its folders, and is newer than what they tell.
    if (known.includes(name)) continue
    if (left === null) ledger.inherit(outstanding)
    else ledger.takeOver(left, { sameRun: false })
  }
  if (resume !== null) ledger.takeOver(resume.ledger, { sameRun: true })
  const { open } = ledger.state()
  for (const group of new Set([...Object.keys(open), ...Object.keys(inSpool)])) {
    const lost = (open[group] ?? 0) - (inSpool[group] ?? 0)
    if (lost > 0) ledger.count(keyOf(group), 'dropped', resume === null ? 'tap_killed' : 'capture_error', lost)
    // Records that reached the disk after the last time their counts did.
    if (lost < 0) ledger.count(keyOf(group), 'served', undefined, -lost)
  }
}
