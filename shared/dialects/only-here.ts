import { type CanonicalRequest, type Losses } from './canonical.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { saysNothing } from './unread.ts'

/** A parameter the other dialect lacks: what losing it means, and the value that says no more than its absence. */
export type OnlyHere = { severity: 'minor' | 'material'; neutral?: Json; why: string }

/** Reports every parameter that only the recorded dialect has. One nobody knows is material: it may mean anything. */
export function reportOthers(request: CanonicalRequest, table: Map<string, OnlyHere>, losses: Losses): void {
  for (const [parameter, value] of request.others) {
    // Some callers write down every parameter there is.
    if (Array.isArray(value) && saysNothing(value)) continue
    const known = table.get(parameter)
    if (known !== undefined && Object.hasOwn(known, 'neutral') && known.neutral === value) continue
    const severity = known?.severity ?? 'material'
    const why = known?.why ?? 'unknown parameter, without counterpart'
    losses.add({ parameter: parameter.slice(0, 80), kind: 'dropped', severity, detail: why })
  }
}

/** Gathers in `others` what an object says beyond the names that are held; `place` stands before the names. */
export function gatherOthers(
  others: Map<string, Json>,
  object: JsonObject,
  isHeld: ReadonlySet<string>,
  place = '',
): Map<string, Json> {
  for (const name in object) {
    if (object[name] !== null && !isHeld.has(name)) others.set(place + name, object[name]!)
  }
  return others
}
