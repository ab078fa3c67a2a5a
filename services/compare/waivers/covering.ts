import { isInForce, waiverId } from '../../../shared/config/waivers.ts'
import { type WaiverConfig } from '../../../shared/config/schema.ts'
import { coverOf } from '../../../shared/config/waiver-cover.ts'
import { type Finding } from '../rungs/rung.ts'

/** The id of the waiver that covers a difference; null where it counts. Only what is harmful needs one. */
export type Covering = (difference: Finding) => string | null

export type ComparedIn = { route: string; arm: string; at: Date }

export type ReadyWaiver = Pick<WaiverConfig, 'route' | 'arm' | 'expires'> & {
  id: string
  covers: (difference: Finding) => boolean
}

export function readyWaivers(waivers: readonly WaiverConfig[]): ReadyWaiver[] {
  return waivers.map((waiver) => ({ ...waiver, id: waiverId(waiver), covers: coverOf(waiver) }))
}

/** Null where no waiver speaks of this route and arm at that time. */
export function coveringOf(waivers: readonly ReadyWaiver[], { route, arm, at }: ComparedIn): Covering | null {
  const able = waivers.filter(
    (waiver) => (waiver.route ?? route) === route && (waiver.arm ?? arm) === arm && isInForce(waiver, at),
  )
  if (able.length === 0) return null
  return (difference) =>
    difference.severity === 'harmful' ? (able.find(({ covers }) => covers(difference))?.id ?? null) : null
}

/** The differences, each with the waiver that covers it; those that count come first. */
export function marked(differences: readonly Finding[], covering: Covering | null): Finding[] {
  if (covering === null) return [...differences]
  const all = differences.map((difference) => {
    const waivedBy = difference.waivedBy ?? covering(difference)
    return waivedBy === null ? difference : { ...difference, waivedBy }
  })
  return [...all.filter(counts), ...all.filter((difference) => !counts(difference))]
}

/** Does it still speak against the arm's answer? */
export function counts({ waivedBy }: Finding): boolean {
  return waivedBy === undefined
}
