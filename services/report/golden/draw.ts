import { sha256Hex } from '../../../shared/ids.ts'

/** One exchange that may come into a set. `order`: of a seeded hash, so that the first ones are a random part. */
export type Drawable = { exchangeId: string; conversationId: string; stratum: string; order: string }

export type StratumSize = { stratum: string; exchanges: number }

/** The order in which exchanges of one stratum are taken: another seed gives another one. */
export function orderOf(seed: number, exchangeId: string): string {
  return sha256Hex(`understudy/golden/1\n${seed}\n${exchangeId.toLowerCase()}`)
}

/** The same in the engine, of a column. */
export const orderSql = (column: string): string =>
  `lower(hex(SHA256('understudy/golden/1\\n' || toString({seed:UInt64}) || '\\n' || toString(${column}))))`

/**
 * How many each stratum gets of `size`: in proportion, by the largest remainder, and one at least while there is room, so that a rare kind
 * is in the set. The same sizes give the same, in whatever order they come.
 */
export function shareOut(strata: readonly StratumSize[], size: number): Map<string, number> {
  const ordered = strata
    .filter(({ exchanges }) => exchanges > 0)
    .toSorted((a, b) => b.exchanges - a.exchanges || (a.stratum < b.stratum ? -1 : 1))
  const all = ordered.reduce((sum, { exchanges }) => sum + exchanges, 0)
  const wanted = Math.min(size, all)
  const share = new Map(ordered.slice(0, wanted).map(({ stratum }) => [stratum, 1]))
  const ideal = ({ exchanges }: StratumSize) => (wanted * exchanges) / all
  let left = wanted - share.size
  // Whoever is furthest below its part gets the next one.
  while (left > 0) {
    const room = ordered.filter(({ stratum, exchanges }) => (share.get(stratum) ?? 0) < exchanges)
    const short = (each: StratumSize) => ideal(each) - (share.get(each.stratum) ?? 0)
    const next = room.reduce((best, each) => (short(each) > short(best) ? each : best))
    const step = Math.max(1, Math.min(left, next.exchanges - share.get(next.stratum)!, Math.floor(short(next))))
    share.set(next.stratum, share.get(next.stratum)! + step)
    left -= step
  }
  return share
}

/**
 * Which of the exchanges are kept back: whole conversations, in a seeded order, up to `count` exchanges and never more. What one
 * turn of a conversation tells is then not known of the next.
 */
export function holdoutOf(drawn: readonly Drawable[], count: number, seed: number): Set<string> {
  const conversations = Map.groupBy(drawn, ({ conversationId }) => conversationId)
  const ordered = [...conversations].toSorted(([a], [b]) =>
    orderOf(seed, `holdout\n${a}`) < orderOf(seed, `holdout\n${b}`) ? -1 : 1,
  )
  const kept = new Set<string>()
  for (const [, members] of ordered) {
    if (kept.size + members.length > count) continue
    for (const { exchangeId } of members) kept.add(exchangeId)
  }
  return kept
}
