import { isInForce } from '../../shared/config/waivers.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { type ReadyWaiver } from './waivers/covering.ts'

/** What answers are compared by, beside the ladder: the config's part of it. */
export type Terms = { waivers: readonly ReadyWaiver[] }

export const ladderAlone: Terms = { waivers: [] }

/** Raised by whoever changes rungs or built-in scorers so that a pair may come to something else. */
const ladderVersion = 1

/** Two comparisons of one pair by one version come to the same. `1`, or `1+3f2a91bc` where the config has its part in it. */
export function scorerVersionOf({ waivers }: Terms, at: Date): string {
  const inForce = waivers.filter((waiver) => isInForce(waiver, at)).map(({ id }) => id)
  if (inForce.length === 0) return String(ladderVersion)
  return `${ladderVersion}+${sha256Hex(JSON.stringify(inForce.toSorted())).slice(0, 8)}`
}
