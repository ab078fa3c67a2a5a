import { glob } from '../glob.ts'
import { type WaiverConfig } from './schema.ts'

/** What a waiver looks at: a difference while it is found, or as it was recorded. */
export type Coverable = {
  rung: string
  path: string | null
  message: string
  served: string | null
  arm: string | null
}

/** Does the waiver speak of this difference? Where and when it holds is another question. */
export function coverOf({
  rung,
  path,
  pattern,
}: Pick<WaiverConfig, 'rung' | 'path' | 'pattern'>): (difference: Coverable) => boolean {
  const isAt = path === undefined ? null : glob(path)
  const regex = pattern === undefined ? null : new RegExp(pattern)
  return (difference) => {
    if (rung !== undefined && difference.rung !== rung) return false
    if (isAt !== null && (difference.path === null || !isAt(difference.path))) return false
    if (regex === null) return true
    return [difference.message, difference.served, difference.arm].some((text) => text !== null && regex.test(text))
  }
}
