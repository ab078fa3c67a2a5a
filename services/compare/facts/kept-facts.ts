import { type Reading } from '../text/reading.ts'
import { WordSet } from '../text/vocabulary.ts'
import { readFacts } from './extract.ts'
import { type Fact } from './fact.ts'

export type KeptFacts = {
  /** Facts of the served text, and how many of them the other text has too. */
  servedCount: number
  keptCount: number
}

/** What the served text states that can be checked, and how much of it the arm's text states as well. */
export function keptFacts(served: Reading, arm: Reading): KeptFacts & { missing: readonly Fact[] } {
  const facts = readFacts(served).facts
  const missing = notAmong(readFacts(arm).facts, facts)
  const servedCount = countOf(facts)
  return { servedCount, keptCount: servedCount - countOf(missing), missing }
}

function countOf(facts: readonly Fact[]): number {
  let count = 0
  for (const fact of facts) if (!fact.isWeak && !isSpare(fact)) count++
  return count
}

/** "Yes," may be left out: the sentence after it says the same. */
export const isSpare = ({ kind }: Fact): boolean => kind === 'answer'

export function isSame(fact: Fact, other: Fact): boolean {
  if (fact.kind === other.kind && shareOne(fact.values, other.values)) return true
  // A bare number backs up one with a unit: "within 5" of "5 days".
  const isBare = fact.kind === 'number' || other.kind === 'number'
  return isBare && shareOne(fact.numbers, other.numbers)
}

const shareOne = (left: string[], right: string[]): boolean => left.some((value) => right.includes(value))

/** Normal forms of the facts that others are looked for among. One of each for the process, emptied for each search. */
const [known, numbers, bare] = [new WordSet(), new WordSet(), new WordSet()]

/** Facts, the weak ones aside, that are the same (`isSame`) as none of the others. */
export function notAmong(others: readonly Fact[], facts: readonly Fact[]): Fact[] {
  known.clear()
  numbers.clear()
  bare.clear()
  for (const { kind, keys, numberKeys } of others) {
    for (const key of keys) known.add(key)
    for (const key of numberKeys) {
      numbers.add(key)
      if (kind === 'number') bare.add(key)
    }
  }
  return facts.filter(
    ({ isWeak, kind, keys, numberKeys }) =>
      !isWeak && !isOneIn(known, keys) && !isOneIn(kind === 'number' ? numbers : bare, numberKeys),
  )
}

function isOneIn(set: WordSet, keys: readonly number[]): boolean {
  for (const key of keys) if (set.has(key)) return true
  return false
}
