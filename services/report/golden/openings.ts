import { type Act } from '../../../shared/contracts/audit-entry.ts'
import { type GoldenOpening } from '../../../shared/contracts/golden.ts'
import { type Store } from '../../../shared/store/store.ts'

export type NewOpening = Pick<GoldenOpening, 'how' | 'candidate' | 'armFingerprint' | 'address'>

/**
 * The audit log is the one record of them: what is said of a hold-out afterwards is read from where nothing is ever taken out.
 * The oldest first; one for each version, candidate and settings, however often it was opened for them.
 */
export async function readOpenings(store: Pick<Store, 'query'>, name: string): Promise<GoldenOpening[]> {
  const rows = await store.query<{ atMs: number; actor: string; details: string }>(
    `SELECT toFloat64(toUnixTimestamp64Milli(at)) AS atMs, actor, details FROM audit_log
     WHERE action = 'holdout_opened' AND subject = {name:String}
     ORDER BY at, entry_id LIMIT 1 BY entry_id`,
    { name },
  )
  const openings = rows.map(({ atMs, actor, details }): GoldenOpening => ({
    openedAt: new Date(atMs).toISOString(),
    openedBy: actor,
    ...(JSON.parse(details) as NewOpening),
  }))
  return openings.filter((opening, index) => openings.findIndex((other) => isSame(other, opening)) === index)
}

export function isSame(a: NewOpening, b: NewOpening): boolean {
  return (
    a.how === b.how && a.candidate === b.candidate && a.armFingerprint === b.armFingerprint && a.address === b.address
  )
}

export function openingAct(name: string, opening: NewOpening): Act {
  return { action: 'holdout_opened', subject: name, details: { ...opening } }
}

/** What every report on a set says of them. */
export function describeOpenings(openings: readonly GoldenOpening[]): string[] {
  return openings.map(({ openedAt, openedBy, how, candidate, address }) => {
    const what = how === 'export' ? 'for an export' : `to sign off ${candidate}`
    return `its hold-out was opened ${what} at ${openedAt} by ${openedBy} (version ${address.slice(0, 19)}…): what is found on it later is not about exchanges that nobody has looked at`
  })
}
