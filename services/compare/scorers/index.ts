import { type Pair } from '../pair.ts'
import { chrf } from './chrf.ts'
import { exact, normalizedExact } from './exact.ts'
import { factsKept } from './facts-kept.ts'
import { jaroWinkler } from './jaro-winkler.ts'
import { jsonFields } from './json-fields.ts'
import { rouge1, rouge2, rougeL } from './rouge.ts'
import { type Scorer } from './scorer.ts'
import { tokenF1 } from './token-f1.ts'
import { argumentAccuracy, toolF1 } from './tool-f1.ts'

/** Every way of comparing. To add one: a file, a line here, a test. */
export const scorers: readonly Scorer[] = [
  exact,
  normalizedExact,
  tokenF1,
  rouge1,
  rouge2,
  rougeL,
  chrf,
  jaroWinkler,
  jsonFields,
  toolF1,
  argumentAccuracy,
  factsKept,
]

/** The scores that apply to a pair. */
export function scoresOf(pair: Pair): Record<string, number> {
  const applicable = scorers.flatMap(({ name, score }): Array<[string, number]> => {
    const value = score(pair)
    return value === null ? [] : [[name, value]]
  })
  return Object.fromEntries(applicable)
}
