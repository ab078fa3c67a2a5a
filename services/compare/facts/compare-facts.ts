import { type Finding } from '../rungs/rung.ts'
import { codeConflict } from './code-conflict.ts'
import { readFacts } from './extract.ts'
import { type Fact } from './fact.ts'
import { isSpare, type KeptFacts, keptFacts, notAmong } from './kept-facts.ts'
import { missingItems } from './list-items.ts'
import { negationConflict } from './negation-conflict.ts'
import { newPromises } from './promises.ts'
import { sentenceConflict } from './sentence-conflict.ts'
import { readBoth } from '../text/reading.ts'
import { contentStems } from './words.ts'
import { type Covering, counts, marked } from '../waivers/covering.ts'

export type FactOptions = { isCut?: boolean; covering?: Covering | null }

export type FactComparison = KeptFacts & {
  /** 1: nothing that can be checked speaks against it. */
  quality: number
  /** Was there anything to check? */
  isEvidence: boolean
  differences: Finding[]
}

/**
 * The checkable statements of two texts against each other: amounts, percentages, durations, measures, numbers, dates,
 * times, weekdays, links, e-mail addresses, codes, phone numbers, a leading yes or no, negations, the items of a list, code
 * blocks, and sentences that are the same but for one turn.
 *
 * A contradiction (a fact altered, a negation dropped or added, yes for no, a sentence turned round) makes `quality` 0: a fact is altered where
 * both texts hold one of the same kind that the other lacks, in the same surroundings or as the only one of its kind.
 * Facts merely left out or added, list items left out and promises added make it `(1 + kept) / (1 + kept + left out + added)`: the wording itself counts as one
 * thing kept, so a single omission is never as bad as a contradiction. `isCut`: the served text ended at the token
 * limit, so what the arm has beyond it is not held against it. `quality` leaves waived differences out.
 */
export function compareFacts(
  served: string,
  arm: string,
  { isCut = false, covering = null }: FactOptions = {},
): FactComparison {
  const [ours, theirs] = readBoth(served, arm)
  const { servedCount, keptCount, missing } = keptFacts(ours, theirs)
  const extra = notAmong(readFacts(ours).facts, readFacts(theirs).facts)
  const altered = alterations(missing, extra, served, arm)
  const omitted = missing.filter((fact) => !isSpare(fact) && !altered.some(([from]) => from === fact))
  const added = isCut ? [] : extra.filter((fact) => !isSpare(fact) && !altered.some(([, to]) => to === fact))
  const negation = negationConflict(ours, theirs)
  const turned =
    altered.length > 0 || negation !== null
      ? null
      : (sentenceConflict(ours, theirs, isCut) ?? codeConflict(served, arm))
  const [items, promises] = [missingItems(served, arm), isCut ? [] : newPromises(ours, theirs)]
  const isContradicted = altered.length > 0 || negation !== null || turned !== null
  const contradictions = [
    ...(negation ? [negationDifference(negation)] : []),
    ...(turned ? [noted('statement', turned.message, turned.served, turned.arm)] : []),
    ...altered.map(([from, to]) => difference(`${from.kind} ${from.text} became ${to.text}`, from, to)),
  ]
  const others = [
    ...omitted.map((fact) => difference(`${fact.kind} ${fact.text} is missing`, fact, null)),
    ...added.map((fact) => difference(`${fact.kind} ${fact.text} is new`, null, fact)),
    ...items.map((item) => noted('list_item', 'list item is missing', item, null)),
    ...promises.map(({ of, sentence }) => noted('promise', `promise of ${of} is new`, null, sentence)),
  ]
  const [against, apart] = [contradictions, others].map((found) => marked(found, covering).filter(counts).length)
  return {
    quality: against! > 0 ? 0 : (1 + keptCount) / (1 + keptCount + apart!),
    servedCount,
    keptCount,
    isEvidence: servedCount + added.length + items.length + promises.length > 0 || isContradicted,
    differences: marked([...contradictions, ...others], covering),
  }
}

function alterations(missing: readonly Fact[], extra: Fact[], served: string, arm: string): Array<[Fact, Fact]> {
  const free = new Set(extra)
  return missing.flatMap((from): Array<[Fact, Fact]> => {
    const rivals = [...free].filter((fact) => fact.kind === from.kind)
    const isOnly = rivals.length === 1 && missing.filter((fact) => fact.kind === from.kind).length === 1
    // Bare numbers and codes occur for many reasons: only the same surroundings tell that one stands for the other.
    const isTelling = isOnly && from.kind !== 'number' && from.kind !== 'code'
    const to = isTelling ? rivals[0] : nearestBySurroundings(from, rivals, served, arm)
    if (to === undefined) return []
    free.delete(to)
    return [[from, to]]
  })
}

function nearestBySurroundings(from: Fact, rivals: Fact[], served: string, arm: string): Fact | undefined {
  const around = surroundings(from, served)
  const shared = rivals.map((to) => [...surroundings(to, arm)].filter((stem) => around.has(stem)).length)
  const most = Math.max(0, ...shared)
  return most === 0 ? undefined : rivals[shared.indexOf(most)]
}

const surroundingChars = 50

function surroundings(fact: Fact, text: string): Set<string> {
  const before = text.slice(Math.max(0, fact.index - surroundingChars), fact.index)
  const after = text.slice(fact.index + fact.text.length, fact.index + fact.text.length + surroundingChars)
  return contentStems(`${before} ${after}`)
}

function difference(message: string, from: Fact | null, to: Fact | null): Finding {
  return noted((from ?? to)!.kind, message, from?.text ?? null, to?.text ?? null)
}

const noted = (kind: string, message: string, served: string | null, arm: string | null): Finding => ({
  rung: 'facts',
  kind,
  severity: 'harmful',
  path: null,
  message,
  served,
  arm,
})

function negationDifference({ deniedBy, served, arm }: { deniedBy: string; served: string; arm: string }): Finding {
  const message =
    deniedBy === 'served'
      ? 'negation dropped: the served answer denies what the arm states'
      : 'negation added: the arm denies what the served answer states'
  return noted('negation', message, served, arm)
}
