import { compareFacts, type FactComparison, type FactOptions } from '../facts/compare-facts.ts'
import { type Finding, type PairOutcome } from '../rungs/rung.ts'
import { type Covering } from '../waivers/covering.ts'
import { compareWords } from './compare-words.ts'

export type TextComparison = FactComparison & { outcome: PairOutcome }

/**
 * Two texts held against each other: what can be checked in them (`compareFacts`), then, where nothing speaks against them,
 * how much of the wording is accounted for (`compareWords`).
 */
export function compareTexts(served: string, arm: string, options: FactOptions = {}): TextComparison {
  const facts = compareFacts(served, arm, options)
  if (facts.quality < 1) return { ...facts, outcome: 'harmful' }
  const words = compareWords(served, arm, { ...options, covering: coveringWords(facts, options.covering ?? null) })
  const [outcome, differences] = [words.outcome, [...words.differences, ...facts.differences]]
  if (outcome !== 'harmful') return { ...facts, outcome, differences }
  return { ...facts, outcome, quality: 0, isEvidence: true, differences }
}

/** A fact that is waived is waived as another word in the same sentence too. */
function coveringWords({ differences }: FactComparison, covering: Covering | null): Covering | null {
  if (covering === null) return null
  const holds = (text: string | null, part: string | null) => part === null || text?.includes(part) === true
  const isOf = (word: Finding, fact: Finding) => holds(word.served, fact.served) && holds(word.arm, fact.arm)
  return (word) => {
    const fact = word.kind === 'value' ? differences.find((each) => each.waivedBy && isOf(word, each)) : undefined
    return covering(word) ?? fact?.waivedBy ?? null
  }
}
