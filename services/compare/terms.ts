import { isInForce } from '../../shared/config/waivers.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { type OwnScorer } from './own-scorers/own-scorer.ts'
import { type ReadyWaiver } from './waivers/covering.ts'

/** What answers are compared by, beside the ladder: the config's part of it. */
export type Terms = { waivers: readonly ReadyWaiver[]; scorers: readonly OwnScorer[] }

export const ladderAlone: Terms = { waivers: [], scorers: [] }

/** Raised by whoever changes rungs or built-in scorers so that a pair may come to something else. */
const ladderVersion = 1

type Identities = Pick<Terms, 'waivers'> & { scorers: readonly Pick<OwnScorer, 'name' | 'as' | 'sha256'>[] }

/** Two comparisons of one pair by one version come to the same. `1`, or `1+3f2a91bc` where the config has its part in it. */
export function scorerVersionOf({ waivers, scorers }: Identities, at: Date): string {
  const inForce = waivers.filter((waiver) => isInForce(waiver, at)).map(({ id }) => id)
  if (inForce.length + scorers.length === 0) return String(ladderVersion)
  const own = scorers.map(({ name, as, sha256 }) => [name, as, sha256].join(' '))
  return `${ladderVersion}+${sha256Hex(JSON.stringify([inForce.toSorted(), own.toSorted()])).slice(0, 8)}`
}
