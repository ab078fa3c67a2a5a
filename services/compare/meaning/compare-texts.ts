import { compareFacts, type FactComparison } from '../facts/compare-facts.ts'
import { type PairOutcome } from '../rungs/rung.ts'
import { compareWords } from './compare-words.ts'

export type TextComparison = FactComparison & { outcome: PairOutcome }

/**
 * Two texts held against each other: what can be checked in them (`compareFacts`), then, where nothing speaks against them,
 * how much of the wording is accounted for (`compareWords`).
 */
export function compareTexts(served: string, arm: string, { isCut = false } = {}): TextComparison {
  const facts = compareFacts(served, arm, { isCut })
  if (facts.quality < 1) return { ...facts, outcome: 'harmful' }
  const { outcome, differences } = compareWords(served, arm, { isCut })
  if (outcome !== 'harmful') return { ...facts, outcome, differences }
  return { ...facts, outcome, quality: 0, isEvidence: true, differences }
}
