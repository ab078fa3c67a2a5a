import { type Json } from '../../shared/dialects/dialect.ts'
import { bounded, decide, type Ruling } from './ladder.ts'
import { type OwnScores, ownScoresOf } from './own-scorers/own-scores.ts'
import { type OwnScorer } from './own-scorers/own-scorer.ts'
import { type Pair } from './pair.ts'

export type OwnRuling = Ruling & Pick<OwnScores, 'scores' | 'notScored'>

/** What the ladder says of a pair, and then the config's scorers, which are handed the request's body. */
export function rule(pair: Pair, scorers: readonly OwnScorer[], request: Json): OwnRuling {
  const ruling = decide(pair)
  const { task, served, arm, covering } = pair
  const own = ownScoresOf(scorers, { task, request, served, arm }, ruling.quality, covering)
  const isLowered = own.quality < ruling.quality
  return {
    decidedBy: isLowered ? 'scorer' : ruling.decidedBy,
    outcome: isLowered ? 'harmful' : ruling.outcome,
    quality: own.quality,
    differences: bounded([...own.differences, ...ruling.differences]),
    waived: [...new Set([...ruling.waived, ...own.differences.flatMap(({ waivedBy }) => waivedBy ?? [])])],
    scores: own.scores,
    notScored: own.notScored,
  }
}
