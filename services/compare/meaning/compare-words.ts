import { type FactOptions } from '../facts/compare-facts.ts'
import { isSame as isSameFact } from '../facts/kept-facts.ts'
import { sentencesOf as negatedIn } from '../facts/negation.ts'
import { areOpposite, hasOpposite } from '../facts/opposites.ts'
import { stemOf } from '../facts/words.ts'
import { type Finding, type PairOutcome } from '../rungs/rung.ts'
import { maxReadChars, readBoth, type Reading } from '../text/reading.ts'
import { sharedWords, textOf, WordSet } from '../text/vocabulary.ts'
import { counts, marked } from '../waivers/covering.ts'
import { type Edit, editsBetween } from './edits.ts'
import {
  isCaveat,
  isCertainty,
  isCommitment,
  isCondition,
  isHedge,
  isJoiner,
  noQuantity,
  quantityOf,
} from './lexicon.ts'
import { isSame, type Sentence, sentencesOf } from './sentences.ts'
import { type Word } from './words.ts'

export type WordComparison = { outcome: PairOutcome; differences: Finding[] }

/** So alike, two sentences are one sentence changed. */
const alike = 0.5
/** Sentences that are the same but for a word or two. */
const sameButOne = 0.75
/** So much of a sentence's words of meaning elsewhere in the other text, and it is said there. */
const said = 0.6
/** With something in it that does not change with the wording, less is enough. */
const saidWithAnchor = 0.34

/**
 * What two texts say in different words, against which no fact speaks. Sentences that both have are left aside; the others
 * are matched, and what was changed, left out or added in each is looked at: names, quantities in words, caveats and
 * promises tell that another thing is said; words that are all accounted for tell that it is the same; the rest cannot be told.
 */
export function compareWords(
  served: string,
  arm: string,
  { isCut = false, covering = null }: FactOptions = {},
): WordComparison {
  const readings = readBoth(served, arm)
  const [ours, theirs] = [sentencesOf(readings[0]), sentencesOf(readings[1])]
  const findings = [...stepOrder(ours, theirs), ...quotations(served, arm, readings[0]), ...otherBounds(ours, theirs)]
  const [left, right] = withoutShared(ours, theirs)
  const [said, heard] = [addMeanings(told, ours), addMeanings(answered, theirs)]
  const free = [...right]
  const missing: Sentence[] = []
  for (const sentence of left) {
    const twin = mostAlike(sentence, free)
    if (twin === null) missing.push(sentence)
    else {
      free.splice(free.indexOf(twin), 1)
      findings.push(...changes(sentence, twin, said, heard))
    }
  }
  const gone = missing.filter((sentence) => !isAccountedFor(sentence, heard))
  const fresh = isCut ? [] : free.filter((sentence) => !isAccountedFor(sentence, said))
  // Where each text has something of its own, one may be the other in other words.
  findings.push(...gone.map((sentence) => lost(sentence, heard, fresh.length === 0)))
  findings.push(...fresh.map((sentence) => gained(sentence, said, gone.length === 0)))
  const harmful = marked(
    findings.filter(({ severity }) => severity === 'harmful'),
    covering,
  )
  if (harmful.some(counts)) return { outcome: 'harmful', differences: harmful }
  const open = findings.filter(({ severity }) => severity !== 'harmful')
  const denials = otherDenials(...readings)
  if (denials.length === 0 && isSpelledOut(open, ours, theirs, said, heard))
    return { outcome: 'harmless', differences: harmful }
  const differences = [...denials, ...open]
  return { outcome: differences.length > 0 ? 'unsure' : 'harmless', differences: [...differences, ...harmful] }
}

/** Texts that deny a different number of things seldom say the same, and which of them is denied is not told by words alone. */
function otherDenials(served: Reading, arm: Reading): Finding[] {
  const [ours, theirs] = [served, arm].map((text) => negatedIn(text).reduce((sum, { negations }) => sum + negations, 0))
  return ours === theirs ? [] : [finding('negation', 'unsure', `${ours} negations became ${theirs}`, null, null)]
}

const minAnchors = 2

/** Facts in both, most words of either in the other, and nothing in the rest that a statement hangs on. */
function isSpelledOut(
  findings: Finding[],
  ours: readonly Sentence[],
  theirs: readonly Sentence[],
  told: WordSet,
  heard: WordSet,
): boolean {
  if (findings.some(({ kind }) => kind === 'substitution')) return false
  const [left, right] = [restOf(ours, heard), restOf(theirs, told)]
  const isTold = left.share >= said && right.share >= said
  return isTold && left.anchors >= minAnchors && !left.isRisky && !right.isRisky
}

function restOf(sentences: readonly Sentence[], known: WordSet) {
  let [count, shared, isRisky] = [0, 0, false]
  const anchors = new Set<number>()
  for (const { words } of sentences) {
    for (const word of words) {
      const isKnown = known.has(word.meaning)
      if (!isKnown && isRiskyWord(word)) isRisky = true
      if (!word.hasContent) continue
      count++
      if (!isKnown) continue
      shared++
      if (isAnchor(word)) anchors.add(word.meaning)
    }
  }
  return { share: count === 0 ? 1 : shared / count, anchors: anchors.size, isRisky }
}

const isRiskyWord = ({ lower, isName }: Word): boolean =>
  isName || isCommitment(lower) || quantityOf(lower) !== noQuantity || isCertainty(lower) || hasOpposite(stemOf(lower))

/** Meanings of all words of the served text, and of the arm's. */
const told = new WordSet()
const answered = new WordSet()

function addMeanings(meanings: WordSet, sentences: readonly Sentence[]): WordSet {
  meanings.clear()
  for (const { words } of sentences) for (const { meaning } of words) meanings.add(meaning)
  return meanings
}

/** How often each sentence of a text is in it, by the hash of its meanings. */
type Counts = Map<number, { sentence: Sentence; count: number }>

function withoutShared(ours: readonly Sentence[], theirs: readonly Sentence[]): [Sentence[], Sentence[]] {
  const counts: Counts = new Map()
  for (const sentence of theirs) {
    const known = counts.get(sentence.hash)
    if (known === undefined) counts.set(sentence.hash, { sentence, count: 1 })
    else if (isSame(known.sentence, sentence)) known.count++
  }
  const left = ours.filter((sentence) => !take(counts, sentence))
  const right = theirs.toReversed().filter((sentence) => take(counts, sentence))
  return [left, right.toReversed()]
}

function take(counts: Counts, sentence: Sentence): boolean {
  const known = counts.get(sentence.hash)
  if (known === undefined || known.count === 0 || !isSame(known.sentence, sentence)) return false
  known.count--
  return true
}

/** Numbered steps that both have, in another order. */
function stepOrder(ours: readonly Sentence[], theirs: readonly Sentence[]): Finding[] {
  if (!theirs.some(({ isStep }) => isStep)) return []
  const places = new Map(theirs.filter(({ isStep }) => isStep).map((step, at) => [keyOf(step), at]))
  const shared = ours.filter((sentence) => sentence.isStep && places.has(keyOf(sentence)))
  const placeOf = (step: Sentence): number => places.get(keyOf(step))!
  const turned = shared.find((step, at) => at > 0 && placeOf(step) < placeOf(shared[at - 1]!))
  return turned ? [finding('order', 'harmful', 'a step stands at another place', turned.text, turned.text)] : []
}

const keyOf = ({ words }: Sentence): string => words.map(({ meaning }) => meaning).join(' ')

const quoted = /[“„«"]([^“”„«»"\n]{1,40})[”“»"]|`([^`\n]{1,80})`/g

/** A quoted name or a command that was replaced by another. */
function quotations(served: string, arm: string, { hasOpener }: Reading): Finding[] {
  if (!hasOpener && served.length <= maxReadChars) return []
  const from = notWithin(arm, quotationsOf(served))
  const to = from === undefined ? undefined : notWithin(served, quotationsOf(arm))
  return from === undefined || to === undefined
    ? []
    : [finding('quotation', 'harmful', `"${from}" became "${to}"`, from, to)]
}

/** The first quotation whose words the text does not hold. */
function notWithin(text: string, quotations: string[]): string | undefined {
  if (quotations.length === 0) return undefined
  const lower = text.toLowerCase()
  // Their white space is single spaces already, so that what is in there is also in there with single spaces.
  const lacking = quotations.filter((each) => !lower.includes(each))
  if (lacking.length === 0) return undefined
  const words = singleSpaced(lower)
  return lacking.find((each) => !words.includes(each))
}

const singleSpaced = (text: string): string => text.replaceAll(/\s+/g, ' ')

const quotationsOf = (text: string): string[] =>
  Array.from(text.matchAll(quoted), ([, name, code]) =>
    singleSpaced((name ?? code)!.toLowerCase()).replace(/[.,!?]$/, ''),
  )

const content = new WordSet()

function mostAlike(sentence: Sentence, others: readonly Sentence[]): Sentence | null {
  content.clear()
  for (const meaning of sentence.content) content.add(meaning)
  let [best, most] = [null as Sentence | null, 0]
  for (const other of others) {
    const smaller = Math.min(content.size, other.content.length)
    const similarity = smaller === 0 ? 0 : countIn(other.content, content) / smaller
    if (similarity > most) [best, most] = [other, similarity]
  }
  return most >= 0.5 ? best : null
}

function countIn(meanings: readonly number[], known: WordSet): number {
  let count = 0
  for (const meaning of meanings) if (known.has(meaning)) count++
  return count
}

/** A name or a fact does not change when a sentence is put differently. */
const isAnchor = ({ isName, fact }: Word): boolean => isName || (fact !== null && !fact.isWeak)

/** What is different in two sentences about one thing. */
function changes(served: Sentence, arm: Sentence, said: WordSet, heard: WordSet): Finding[] {
  const order = exchange(served.words, arm.words)
  if (order === 'harmless') return []
  if (order === 'harmful')
    return [finding('order', 'harmful', 'words stand in each other’s place', served.text, arm.text)]
  const edits = editsBetween(served.words, arm.words)
  const dropped = edits.flatMap(({ from }) => from).filter((word) => !heard.has(word.meaning))
  const added = edits.flatMap(({ to }) => to).filter((word) => !said.has(word.meaning))
  const isOneSentence = likenessOf(served, arm, edits) >= alike
  const harm = isOneSentence ? harmIn(dropped, added, edits, heard) : null
  if (harm !== null) return [finding(harm, 'harmful', harmWords[harm]!, served.text, arm.text)]
  const [lostWords, newWords] = [dropped, added].map((words) => words.filter(({ hasContent }) => hasContent))
  if (lostWords!.length === 0 && newWords!.length === 0) return []
  const isTold = isAccountedFor(served, heard) && isAccountedFor(arm, said)
  const isSubstitution = edits.some(({ from, to }) => isOneForOne(from, to, lostWords!, newWords!))
  if (isTold && !isSubstitution && !isOneSentence) return []
  const hasAnchor = served.words.some((word) => isAnchor(word) && arm.content.includes(word.meaning))
  if (isTold && !isSubstitution && hasAnchor) return []
  const kind = isSubstitution && likenessOf(served, arm, edits) >= sameButOne ? 'substitution' : 'wording'
  return [unsettled(kind, served, arm, lostWords!, newWords!)]
}

function likenessOf(left: Sentence, right: Sentence, edits: Edit[]): number {
  const kept = left.words.length - edits.reduce((total, { from }) => total + from.length, 0)
  return (2 * kept) / (left.words.length + right.words.length)
}

/** One word of meaning in the place of another, with nothing around it changed. */
function isOneForOne(from: Word[], to: Word[], lost: Word[], gained: Word[]): boolean {
  const [left, right] = [from.filter((word) => lost.includes(word)), to.filter((word) => gained.includes(word))]
  return left.length === 1 && right.length === 1 && from.length <= 2 && to.length <= 2
}

function isAccountedFor({ content, words }: Sentence, known: WordSet): boolean {
  const hasAnchor = words.some((word) => isAnchor(word) && known.has(word.meaning))
  return shareIn(content, known) >= (hasAnchor ? saidWithAnchor : said)
}

function shareIn(content: readonly number[], known: WordSet): number {
  return content.length === 0 ? 1 : countIn(content, known) / content.length
}

const harmWords: Record<string, string> = {
  name: 'another name',
  opposite: 'a word became its opposite',
  value: 'another value in its place',
  quantity: 'another quantity in words',
  caveat: 'a condition or warning is missing',
  promise: 'a promise is new',
}

function harmIn(dropped: Word[], added: Word[], edits: Edit[], heard: WordSet): string | null {
  if (dropped.some(({ isName }) => isName) && added.some(({ isName }) => isName)) return 'name'
  for (const { from, to } of edits) {
    if (isOtherValue(from, to)) return 'value'
    if (from.some((word) => to.some((other) => areOpposite(stemOf(word.lower), stemOf(other.lower))))) return 'opposite'
    const [before, after] = [from, to].map((words) => words.find(({ lower }) => quantityOf(lower) !== noQuantity))
    if (before && after && quantityOf(before.lower) !== quantityOf(after.lower)) return 'quantity'
    const hasContent = from.some((word) => word.hasContent && dropped.includes(word) && !isCondition(word.lower))
    const isDropped = to.length === 0 && from.some(({ lower }) => isCondition(lower) && !heard.has(lower)) && hasContent
    if (isDropped) return 'caveat'
  }
  const isSurer = dropped.some(({ lower }) => isHedge(lower)) && added.some(({ lower }) => isCertainty(lower))
  return isSurer || added.some(({ lower }) => isCommitment(lower)) ? 'promise' : null
}

/** One fact in the place of another, alone, or one that nothing in the other text backs. */
function isOtherValue(from: Word[], to: Word[]): boolean {
  if (from.length !== 1 || to.length !== 1) return false
  const [before, after] = [from[0]!, to[0]!]
  if (before.isName && after.isName) return true
  return before.fact !== null && after.fact !== null && !isSameFact(before.fact, after.fact)
}

/** The same number, bounded otherwise. Each is told by its first mention. */
function otherBounds(ours: readonly Sentence[], theirs: readonly Sentence[]): Finding[] {
  const bounds = new Map<number, Word>()
  for (const { words } of theirs) for (const word of words) if (word.bound !== null) bounds.set(word.meaning, word)
  if (bounds.size === 0) return []
  return ours.flatMap(({ words, text }) => {
    const turned = words.find(
      ({ bound, meaning }) => bound && bounds.has(meaning) && bounds.get(meaning)!.bound !== bound,
    )
    if (turned === undefined) return []
    const message = `${turned.bound} became ${bounds.get(turned.meaning)!.bound}`
    return [finding('bound', 'harmful', message, text, textOf(bounds.get(turned.meaning)!.lower))]
  })
}

/**
 * Two runs of words in each other's place: `harmless` around "and" or where clauses change places, `harmful` around anything
 * else, null where the words are not the same.
 */
function exchange(served: readonly Word[], arm: readonly Word[]): 'harmless' | 'harmful' | null {
  if (served.length !== arm.length) return null
  const [left, right] = [served.map(({ meaning }) => meaning), arm.map(({ meaning }) => meaning)]
  if (sharedWords(left, right) < left.length) return null
  let [start, end] = [0, left.length]
  while (start < end && left[start] === right[start]) start++
  while (end > start && left[end - 1] === right[end - 1]) end--
  if (start === end) return 'harmless'
  const [from, to] = [left.slice(start, end), right.slice(start, end)]
  const at = to.findIndex((_, place) => place > 0 && isAt(to.slice(place), from, 0))
  const head = at === -1 ? 0 : from.length - at
  if (at !== -1 && isAt(from.slice(head), to, 0)) return 'harmless'
  const glue = from.findIndex((item, place) => isJoiner(item) && isAround(from, to, place))
  return glue === -1 ? 'harmful' : 'harmless'
}

/** Does a run of words stand at this place among others? */
function isAt(part: readonly number[], whole: readonly number[], place: number): boolean {
  for (let at = 0; at < part.length; at++) if (part[at] !== whole[place + at]) return false
  return true
}

function isAround(from: readonly number[], to: readonly number[], glue: number): boolean {
  const behind = from.length - glue - 1
  return isAt(from.slice(glue + 1), to, 0) && to[behind] === from[glue] && isAt(from.slice(0, glue), to, behind + 1)
}

function lost(sentence: Sentence, heard: WordSet, isCertain: boolean): Finding {
  const warns = isCertain && shareIn(sentence.content, heard) < saidWithAnchor
  if (warns && sentence.words.some(({ lower }) => isCaveat(lower)))
    return finding('caveat', 'harmful', harmWords['caveat']!, sentence.text, null)
  return finding('missing', 'unsure', 'a sentence has no counterpart', sentence.text, null)
}

function gained(sentence: Sentence, said: WordSet, isCertain: boolean): Finding {
  const isPromise = sentence.words.some(({ lower, meaning }) => isCommitment(lower) && !said.has(meaning))
  if (isPromise && isCertain) return finding('promise', 'harmful', harmWords['promise']!, null, sentence.text)
  return finding('added', 'unsure', 'a sentence is new', null, sentence.text)
}

function unsettled(kind: string, served: Sentence, arm: Sentence, lost: Word[], gained: Word[]): Finding {
  const [from, to] = [lost, gained].map((words) => words.map(({ lower }) => textOf(lower)).join(' '))
  const message = lost.length === 0 ? `new: ${to}` : gained.length === 0 ? `missing: ${from}` : `${from} became ${to}`
  return finding(kind, 'unsure', message, served.text, arm.text)
}

const finding = (
  kind: string,
  severity: Finding['severity'],
  message: string,
  served: string | null,
  arm: string | null,
): Finding => ({ rung: 'text', kind, severity, path: null, message, served, arm })
