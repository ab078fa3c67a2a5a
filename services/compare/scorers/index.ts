import { type Pair } from '../pair.ts'
import { bleu } from './bleu.ts'
import { chrf, chrfAlways } from './chrf.ts'
import { exact, normalizedExact } from './exact.ts'
import { factsKept } from './facts-kept.ts'
import { jaroWinkler } from './jaro-winkler.ts'
import { jsonFields } from './json-fields.ts'
import { levenshteinRatio } from './levenshtein.ts'
import { rouge1, rouge2, rougeL } from './rouge.ts'
import { type Scorer } from './scorer.ts'
import { tfIdfCosine } from './tf-idf.ts'
import { tokenF1 } from './token-f1.ts'
import { argumentAccuracy, toolF1 } from './tool-f1.ts'

/** Every way of comparing that is cheap enough for all traffic. To add one: a file, a line here, a test. */
export const scorers: readonly Scorer[] = [
  exact,
  normalizedExact,
  tokenF1,
  rouge1,
  rouge2,
  rougeL,
  chrf,
  jaroWinkler,
  levenshteinRatio,
  tfIdfCosine,
  jsonFields,
  toolF1,
  argumentAccuracy,
  factsKept,
]

/** Those that take longer than all the others together: only where somebody asks for single pairs. */
export const slowScorers: readonly Scorer[] = [bleu, chrfAlways]

/** The scores that apply to a pair. */
export function scoresOf(pair: Pair, chosen: readonly Scorer[] = scorers): Record<string, number> {
  const scores: Record<string, number> = {}
  for (const { name, score } of chosen) {
    const value = score(pair)
    if (value !== null) scores[name] = value
  }
  return scores
}
