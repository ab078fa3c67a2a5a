import { compareFacts, type FactComparison, type FactOptions } from '../facts/compare-facts.ts'
import { type PairOutcome } from '../rungs/rung.ts'
import { compareWords } from './compare-words.ts'

export type TextComparison = FactComparison & { outcome: PairOutcome }

/**
 * Two texts held against each other: what can be checked in them (`compareFacts`), then, where nothing speaks against them,
 * how much of the wording is accounted for (`compareWords`).
 */
export function compareTexts(served: string, arm: string, options: FactOptions = {}): TextComparison {
  const facts = compareFacts(served, arm, options)
  if (facts.quality < 1) return { ...facts, outcome: 'harmful' }
  const words = compareWords(served, arm, options)
  const [outcome, differences] = [words.outcome, [...words.differences, ...facts.differences]]
  if (outcome !== 'harmful') return { ...facts, outcome, differences }
  return { ...facts, outcome, quality: 0, isEvidence: true, differences }
}
