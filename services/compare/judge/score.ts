import { type Winner } from './verdict.ts'

/** The arm's: won 1, tie 0.5, lost 0. */
export type Score = 0 | 0.5 | 1
export type Place = 'first' | 'second'

export function scoreOf(winner: Winner, armIn: Place): Score {
  if (winner === 'tie') return 0.5
  return winner === armIn ? 1 : 0
}

/**
 * Quality on the ladder's scale, where the served answer has 1: a tie in both orders is 1, and to be better is no more than
 * that. Null: won in one order and lost in the other, so the place decided and not the answer.
 */
export function qualityOf(servedFirst: Score, armFirst: Score): number | null {
  if (Math.abs(servedFirst - armFirst) === 1) return null
  return Math.min(1, servedFirst + armFirst)
}
