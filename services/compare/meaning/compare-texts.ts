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
  const covering = options.covering && withFacts(options.covering, facts.differences)
  const words = compareWords(served, arm, { ...options, ...(covering ? { covering } : {}) })
  const [outcome, differences] = [words.outcome, [...words.differences, ...facts.differences]]
  if (outcome !== 'harmful') return { ...facts, outcome, differences }
  return { ...facts, outcome, quality: 0, isEvidence: true, differences }
}

/** The wording around a waived fact differs because of it: that is the same difference, seen again. */
function withFacts(covering: Covering, facts: readonly Finding[]): Covering {
  const holds = (text: string | null, fact: string | null) => text !== null && fact !== null && text.includes(fact)
  return (difference) => {
    const own = covering(difference)
    if (own !== null || difference.severity !== 'harmful') return own
    const seen = facts.find(({ served, arm }) => holds(difference.served, served) || holds(difference.arm, arm))
    return seen?.waivedBy ?? null
  }
}
