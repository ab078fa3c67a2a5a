import { type Finding } from '../rungs/rung.ts'
import { type Covering, marked } from '../waivers/covering.ts'
import { type OwnScorer, type ScorerInput } from './own-scorer.ts'
import { runScorer } from './run.ts'

export type OwnScores = {
  scores: Record<string, number>
  /** Scorer → why it gave no score. */
  notScored: Record<string, string>
  /** The most that scorers with a say in it leave of the quality. */
  quality: number
  /** One for each scorer that would lower it, waived ones among them. */
  differences: Finding[]
}

/** What the config's scorers make of a pair whose quality is `quality` without them: they can lower it and never raise it. */
export function ownScoresOf(
  scorers: readonly OwnScorer[],
  input: ScorerInput,
  quality: number,
  covering: Covering | null,
): OwnScores {
  const found: OwnScores = { scores: {}, notScored: {}, quality, differences: [] }
  for (const scorer of scorers) {
    const { score, notScored } = runScorer(scorer, input)
    if (notScored !== null) found.notScored[scorer.name] = notScored
    if (score === null) continue
    found.scores[scorer.name] = score
    if (scorer.as !== 'quality' || score >= quality) continue
    const [difference] = marked([differenceOf(scorer.name, score)], covering)
    found.differences.push(difference!)
    if (difference!.waivedBy === undefined) found.quality = Math.min(found.quality, score)
  }
  return found
}

function differenceOf(name: string, score: number): Finding {
  const message = `${name} gives ${Number(score.toFixed(3))}`
  return { rung: 'scorer', kind: name, severity: 'harmful', path: null, message, served: null, arm: null }
}
