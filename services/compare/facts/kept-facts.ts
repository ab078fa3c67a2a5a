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
  for (let at = 0; at < facts.length; at++) if (!facts[at]!.isWeak && !isSpare(facts[at]!)) count++
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

const shareOne = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((value) => right.includes(value))

/** Normal forms of the facts that others are looked for among. One of each for the process, emptied for each search. */
const [known, numbers, bare] = [new WordSet(), new WordSet(), new WordSet()]

/** Facts, the weak ones aside, that are the same (`isSame`) as none of the others. */
export function notAmong(others: readonly Fact[], facts: readonly Fact[]): Fact[] {
  known.clear()
  numbers.clear()
  bare.clear()
  for (let at = 0; at < others.length; at++) {
    const { kind, keys, numberKeys } = others[at]!
    addAll(known, keys)
    addAll(numbers, numberKeys)
    if (kind === 'number') addAll(bare, numberKeys)
  }
  const missing: Fact[] = []
  for (let at = 0; at < facts.length; at++) {
    const { isWeak, kind, keys, numberKeys } = facts[at]!
    if (!isWeak && !isOneIn(known, keys) && !isOneIn(kind === 'number' ? numbers : bare, numberKeys))
      missing.push(facts[at]!)
  }
  return missing
}

function addAll(set: WordSet, keys: readonly number[]): void {
  for (let at = 0; at < keys.length; at++) set.add(keys[at]!)
}

function isOneIn(set: WordSet, keys: readonly number[]): boolean {
  for (let at = 0; at < keys.length; at++) if (set.has(keys[at]!)) return true
  return false
}
