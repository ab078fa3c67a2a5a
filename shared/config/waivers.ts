import { sha256Hex } from '../ids.ts'
import { type WaiverConfig } from './schema.ts'

/** What it covers is its identity: another reason, author or date is the same waiver still. */
export function waiverId({ rung, path, pattern, route, arm }: WaiverConfig): string {
  return sha256Hex(JSON.stringify([rung, path, pattern, route, arm].map((part) => part ?? null))).slice(0, 8)
}

/** To the end of its last day (UTC). */
export function isInForce({ expires }: Pick<WaiverConfig, 'expires'>, at: Date): boolean {
  return at.toISOString().slice(0, 10) <= expires
}

/** In a line, for people. */
export function describeWaiver({ rung, path, pattern, route, arm }: WaiverConfig): string {
  const what = [rung, path, pattern === undefined ? undefined : `/${pattern}/`].filter((part) => part !== undefined)
  const where = [route && `route ${route}`, arm && `arm ${arm}`].filter((part) => part !== undefined)
  return [what.join(' '), ...where].join(', ')
}
