import { isSame } from '../facts/compare-facts.ts'
import { sentencesOf as negatedIn } from '../facts/negation.ts'
import { areOpposite, hasOpposite } from '../facts/opposites.ts'
import { stemOf } from '../facts/words.ts'
import { wordOf } from '../text/vocabulary.ts'
import { type Finding, type PairOutcome } from '../rungs/rung.ts'
import { readBoth } from '../text/reading.ts'
import { type Edit, editsBetween } from './edits.ts'
import { caveats, certainties, commitments, conditions, hedges, joiners, quantifiers } from './lexicon.ts'
import { type Sentence, sentencesOf, type Word } from './sentences.ts'

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
export function compareWords(served: string, arm: string, { isCut = false } = {}): WordComparison {
  const [ours, theirs] = [sentencesOf(served), sentencesOf(arm)]
  const findings = [...stepOrder(ours, theirs), ...quotations(served, arm), ...otherBounds(ours, theirs)]
  const [left, right] = withoutShared(ours, theirs)
  const [said, heard] = [contentOf(ours), contentOf(theirs)]
  const free = new Set(right)
  const missing: Sentence[] = []
  for (const sentence of left) {
    const twin = mostAlike(sentence, free)
    if (twin === null) missing.push(sentence)
    else {
      free.delete(twin)
      findings.push(...changes(sentence, twin, said, heard))
    }
  }
  const gone = missing.filter((sentence) => !isAccountedFor(sentence, heard))
  const fresh = isCut ? [] : [...free].filter((sentence) => !isAccountedFor(sentence, said))
  // Where each text has something of its own, one may be the other in other words.
  findings.push(...gone.map((sentence) => lost(sentence, heard, fresh.length === 0)))
  findings.push(...fresh.map((sentence) => gained(sentence, said, gone.length === 0)))
  const harmful = findings.filter(({ severity }) => severity === 'harmful')
  if (harmful.length > 0) return { outcome: 'harmful', differences: harmful }
  const denials = [...otherDenials(served, arm)]
  if (denials.length === 0 && isSpelledOut(findings, ours, theirs, said, heard))
    return { outcome: 'harmless', differences: [] }
  const differences = [...denials, ...findings]
  return { outcome: differences.length > 0 ? 'unsure' : 'harmless', differences }
}

/** Texts that deny a different number of things seldom say the same, and which of them is denied is not told by words alone. */
function otherDenials(served: string, arm: string): Finding[] {
  const [ours, theirs] = readBoth(served.slice(0, 100_000), arm.slice(0, 100_000)).map((text) => negatedIn(text).reduce((sum, { negations }) => sum + negations, 0))
  return ours === theirs ? [] : [finding('negation', 'unsure', `${ours} negations became ${theirs}`, null, null)]
}

const minAnchors = 2

/** Facts in both, most words of either in the other, and nothing in the rest that a statement hangs on. */
function isSpelledOut(
  findings: Finding[],
  ours: readonly Sentence[],
  theirs: readonly Sentence[],
  told: ReadonlySet<string>,
  heard: ReadonlySet<string>,
): boolean {
  if (findings.some(({ kind }) => kind === 'substitution')) return false
  const [left, right] = [restOf(ours, heard), restOf(theirs, told)]
  const isTold = left.share >= said && right.share >= said
  return isTold && left.anchors >= minAnchors && !left.isRisky && !right.isRisky
}

function restOf(sentences: readonly Sentence[], known: ReadonlySet<string>) {
  const words = sentences.flatMap((sentence) => sentence.words)
  const content = words.filter(({ hasContent }) => hasContent)
  const rest = words.filter(({ meaning }) => !known.has(meaning))
  const anchors = new Set(
    content.filter((word) => isAnchor(word) && known.has(word.meaning)).map(({ meaning }) => meaning),
  )
  return {
    share: content.length === 0 ? 1 : content.filter(({ meaning }) => known.has(meaning)).length / content.length,
    anchors: anchors.size,
    isRisky: rest.some(isRisky),
  }
}

const isRisky = ({ lower, isName }: Word): boolean =>
  isName || commitments.has(lower) || quantifiers.has(lower) || certainties.has(lower) || hasOpposite(stemOf(wordOf(lower)))

function contentOf(sentences: readonly Sentence[]): Set<string> {
  return new Set(sentences.flatMap(({ words }) => words.map(({ meaning }) => meaning)))
}

function withoutShared(ours: readonly Sentence[], theirs: readonly Sentence[]): [Sentence[], Sentence[]] {
  const counts = new Map<string, number>()
  for (const { key } of theirs) counts.set(key, (counts.get(key) ?? 0) + 1)
  const left = ours.filter(({ key }) => !take(counts, key))
  const right = theirs.toReversed().filter(({ key }) => take(counts, key))
  return [left, right.toReversed()]
}

function take(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0
  if (count > 0) counts.set(key, count - 1)
  return count > 0
}

/** Numbered steps that both have, in another order. */
function stepOrder(ours: readonly Sentence[], theirs: readonly Sentence[]): Finding[] {
  const places = new Map(theirs.filter(({ isStep }) => isStep).map(({ key }, at) => [key, at]))
  const shared = ours.filter(({ isStep, key }) => isStep && places.has(key))
  const turned = shared.find(({ key }, at) => at > 0 && places.get(key)! < places.get(shared[at - 1]!.key)!)
  return turned ? [finding('order', 'harmful', 'a step stands at another place', turned.text, turned.text)] : []
}

const quoted = /[“„«"]([^“”„«»"\n]{1,40})[”“»"]|`([^`\n]{1,80})`/g

/** A quoted name or a command that was replaced by another. */
function quotations(served: string, arm: string): Finding[] {
  if (!/[“„«"`]/.test(served)) return []
  const [ours, theirs] = [quotationsOf(served), quotationsOf(arm)]
  const [from] = [...ours].filter((text) => !plain(arm).includes(text))
  const [to] = [...theirs].filter((text) => !plain(served).includes(text))
  return from === undefined || to === undefined
    ? []
    : [finding('quotation', 'harmful', `"${from}" became "${to}"`, from, to)]
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ')
const quotationsOf = (text: string): Set<string> =>
  new Set(Array.from(text.matchAll(quoted), ([, name, code]) => plain((name ?? code)!).replace(/[.,!?]$/, '')))

function mostAlike(sentence: Sentence, others: ReadonlySet<Sentence>): Sentence | null {
  let [best, most] = [null as Sentence | null, 0]
  for (const other of others) {
    const similarity = overlapOf(sentence.content, other.content)
    if (similarity > most) [best, most] = [other, similarity]
  }
  return most >= 0.5 ? best : null
}

function overlapOf(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [small, large] = left.size < right.size ? [left, right] : [right, left]
  let shared = 0
  for (const item of small) if (large.has(item)) shared++
  return small.size === 0 ? 0 : shared / small.size
}

/** A name or a fact does not change when a sentence is put differently. */
const isAnchor = ({ isName, fact }: Word): boolean => isName || (fact !== null && !fact.isWeak)

/** What is different in two sentences about one thing. */
function changes(served: Sentence, arm: Sentence, said: Set<string>, heard: Set<string>): Finding[] {
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
  const hasAnchor = served.words.some((word) => isAnchor(word) && arm.content.has(word.meaning))
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

function isAccountedFor({ content, words }: Sentence, known: ReadonlySet<string>): boolean {
  const hasAnchor = words.some((word) => isAnchor(word) && known.has(word.meaning))
  return shareIn(content, known) >= (hasAnchor ? saidWithAnchor : said)
}

function shareIn(content: ReadonlySet<string>, known: ReadonlySet<string>): number {
  return content.size === 0 ? 1 : [...content].filter((item) => known.has(item)).length / content.size
}

const harmWords: Record<string, string> = {
  name: 'another name',
  opposite: 'a word became its opposite',
  value: 'another value in its place',
  quantity: 'another quantity in words',
  caveat: 'a condition or warning is missing',
  promise: 'a promise is new',
}

function harmIn(dropped: Word[], added: Word[], edits: Edit[], heard: Set<string>): string | null {
  if (dropped.some(({ isName }) => isName) && added.some(({ isName }) => isName)) return 'name'
  for (const { from, to } of edits) {
    if (isOtherValue(from, to)) return 'value'
    if (from.some((word) => to.some((other) => areOpposite(stemOf(wordOf(word.lower)), stemOf(wordOf(other.lower)))))) return 'opposite'
    const [before, after] = [from, to].map((words) => words.find(({ lower }) => quantifiers.has(lower)))
    if (before && after && quantifiers.get(before.lower) !== quantifiers.get(after.lower)) return 'quantity'
    const hasContent = from.some((word) => word.hasContent && dropped.includes(word) && !conditions.has(word.lower))
    const isCaveat =
      to.length === 0 && from.some(({ lower }) => conditions.has(lower) && !heard.has(lower)) && hasContent
    if (isCaveat) return 'caveat'
  }
  const isSurer = dropped.some(({ lower }) => hedges.has(lower)) && added.some(({ lower }) => certainties.has(lower))
  return isSurer || added.some(({ lower }) => commitments.has(lower)) ? 'promise' : null
}

/** One fact in the place of another, alone, or one that nothing in the other text backs. */
function isOtherValue(from: Word[], to: Word[]): boolean {
  if (from.length !== 1 || to.length !== 1) return false
  const [before, after] = [from[0]!, to[0]!]
  if (before.isName && after.isName) return true
  return before.fact !== null && after.fact !== null && !isSame(before.fact, after.fact)
}

/** The same number, bounded otherwise. Each is told by its first mention. */
function otherBounds(ours: readonly Sentence[], theirs: readonly Sentence[]): Finding[] {
  const bounds = new Map(
    theirs.flatMap(({ words }) => words.filter(({ bound }) => bound)).map((word) => [word.meaning, word]),
  )
  if (bounds.size === 0) return []
  return ours.flatMap(({ words, text }) => {
    const turned = words.find(
      ({ bound, meaning }) => bound && bounds.has(meaning) && bounds.get(meaning)!.bound !== bound,
    )
    if (turned === undefined) return []
    const message = `${turned.bound} became ${bounds.get(turned.meaning)!.bound}`
    return [finding('bound', 'harmful', message, text, bounds.get(turned.meaning)!.lower)]
  })
}

/**
 * Two runs of words in each other's place: `harmless` around "and" or where clauses change places, `harmful` around anything
 * else, null where the words are not the same.
 */
function exchange(served: readonly Word[], arm: readonly Word[]): 'harmless' | 'harmful' | null {
  if (served.length !== arm.length) return null
  const [left, right] = [served, arm].map((words) => words.map(({ meaning }) => meaning))
  if (left!.toSorted().join(' ') !== right!.toSorted().join(' ')) return null
  let [start, end] = [0, left!.length]
  while (start < end && left![start] === right![start]) start++
  while (end > start && left![end - 1] === right![end - 1]) end--
  if (start === end) return 'harmless'
  const [from, to] = [left!.slice(start, end), right!.slice(start, end)]
  const at = to.findIndex((_, place) => place > 0 && isPrefix(to.slice(place), from))
  const head = at === -1 ? 0 : from.length - at
  const isClean = at !== -1 && from.slice(head).join(' ') === to.slice(0, at).join(' ')
  if (isClean) return 'harmless'
  const glue = from.findIndex((item, place) => joiners.has(item) && isAround(from, to, place))
  return glue === -1 ? 'harmful' : 'harmless'
}

const isPrefix = (part: string[], whole: string[]): boolean => part.every((item, at) => whole[at] === item)

function isAround(from: string[], to: string[], glue: number): boolean {
  const turned = [...from.slice(glue + 1), from[glue]!, ...from.slice(0, glue)]
  return turned.join(' ') === to.join(' ')
}

function lost(sentence: Sentence, heard: ReadonlySet<string>, isCertain: boolean): Finding {
  const isCaveat = isCertain && shareIn(sentence.content, heard) < saidWithAnchor && has(sentence, caveats)
  if (isCaveat) return finding('caveat', 'harmful', harmWords['caveat']!, sentence.text, null)
  return finding('missing', 'unsure', 'a sentence has no counterpart', sentence.text, null)
}

function gained(sentence: Sentence, said: ReadonlySet<string>, isCertain: boolean): Finding {
  const isPromise = sentence.words.some(({ lower, meaning }) => commitments.has(lower) && !said.has(meaning))
  if (isPromise && isCertain) return finding('promise', 'harmful', harmWords['promise']!, null, sentence.text)
  return finding('added', 'unsure', 'a sentence is new', null, sentence.text)
}

const has = ({ words }: Sentence, listed: ReadonlySet<string>): boolean => words.some(({ lower }) => listed.has(lower))

function unsettled(kind: string, served: Sentence, arm: Sentence, lost: Word[], gained: Word[]): Finding {
  const [from, to] = [lost, gained].map((words) => words.map(({ lower }) => lower).join(' '))
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
