import { kindOfUnit, kinds } from '../text/characters.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { whenForgotten, WordMap, wordOf, wordOfBoth } from '../text/vocabulary.ts'
import { noMatch, unsure } from './common-shapes.ts'
import { type Fact, type FactKind, factKinds, type Found, type Match, type Rule } from './fact.ts'
import { anything, anythingInEastern, anythingInLetters, begins, isEastern, type Places, placesIn } from './places.ts'
import { rules } from './rules.ts'

/** Beyond so many, the rest of a text is left unread: a table of numbers is compared by its beginning. */
const maxFacts = 500
/** Private use characters stand where a fact stood: `firstMark` + its place among the facts. */
export const firstMark = 0xe001
/** Stands where something was read and no fact found. */
const noFact = 0xe000
const ownMarks = /[\ue000-\ue1ff]/
const allOwnMarks = /[\ue000-\ue1ff]/g

/** `marked`: the text, of the same length, with a run of one mark over each fact; `isCutting`: one ends or begins inside a word. */
export type FactText = { facts: readonly Fact[]; marked: string; isCutting: boolean }

/** What a text states in numbers, dates, codes and addresses; each normal form once, in the order of the rules. */
export const readFacts: (reading: Reading) => FactText = onceARead((reading) => {
  const { text } = reading
  const found = new FoundFacts(reading.isDisputed && ownMarks.test(text) ? text.replaceAll(allOwnMarks, ' ') : text)
  const places = placesIn(reading)
  for (const [at, rule] of rules.entries()) if ((places.all & rule.at) !== 0) found.take(rule, remembered[at]!, places)
  return { facts: found.facts, marked: found.marked(), isCutting: found.isCutting }
})

/** Of the text that is read, with a mark in the place of all that was taken. One list for the process. */
let bytes = Buffer.alloc(1 << 13)
let units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)

function load(text: string): void {
  if (2 * text.length >= bytes.length) {
    bytes = Buffer.alloc(4 * text.length)
    units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  }
  bytes.write(text, 0, 'utf16le')
  units[text.length] = 0
}

/** What a rule takes: from where to where, and the mark that comes there when the rule is through. One list for the process. */
const taken = { count: 0, starts: [] as number[], ends: [] as number[], marks: [] as number[] }

/** By key, the places of the facts that were found. One for the process, emptied for each text. */
const known = new WordMap()

/** A fact but for its place in a text. */
type Stated = Omit<Fact, 'index'>
const nothing: readonly Stated[] = []

/**
 * By what was written, what a rule with a shape of its own reads in it: texts state the same again and again. One for each rule,
 * until there is too much to keep.
 */
type Remembered = Map<string, readonly Stated[] | null>
const remembered: readonly Remembered[] = rules.map(() => new Map())
const maxRemembered = 2_000
whenForgotten(() => {
  for (const each of remembered) each.clear()
})

function rememberedOf(rule: Rule, read: Remembered, written: string): readonly Stated[] | null {
  const known = read.get(written)
  if (known !== undefined) return known
  const stated = statedBy(rule, matchAt(rule.pattern, written, 0) ?? [written])
  if (read.size >= maxRemembered) read.clear()
  read.set(written, stated)
  return stated
}

function statedBy({ read }: Rule, match: Match): readonly Stated[] | null {
  const found = read(match)
  return found && found.map((each) => stated(each, match[0]!))
}

function stated({ kind, values, numbers = values, text, isWeak = false }: Found, written: string): Stated {
  const keys = values.map((value) => keyed(kind, value))
  return { kind, values, numbers, keys, numberKeys: numbers.map(wordOf), text: text ?? written.trim(), isWeak }
}

class FoundFacts {
  readonly facts: Fact[] = []
  isCutting = false
  readonly text: string
  readonly units: Uint16Array
  #marked: string | null

  constructor(text: string) {
    load(text)
    known.clear()
    this.text = text
    this.units = units
    this.#marked = text
  }

  marked(): string {
    return (this.#marked ??= bytes.toString('utf16le', 0, 2 * this.text.length))
  }

  /** Everything that the rule finds, from left to right. It sees the text as the rules before it left it. */
  take(rule: Rule, read: Remembered, places: Places): void {
    const { at, pattern, common } = rule
    const { length } = this.text
    let end = 0
    taken.count = 0
    let cuts: number[] | null = null
    for (let place = 0; place < places.count; place++) {
      const start = places.at[place]!
      if ((places.begins[place]! & at) === 0 || start < end || start >= length) continue
      // Only a leading yes or no reaches over other facts.
      if (isMark(units[start]!) && at !== begins.answer) continue
      const told = common === undefined ? unsure : common(this, start)
      if (told === noMatch) continue
      const match = told === unsure ? matchAt(pattern, this.marked(), start) : null
      if (told === unsure && match === null) continue
      const written = match === null ? this.text.slice(start, told) : match[0]
      end = start + written.length
      const isFull = this.facts.length >= maxFacts
      const found = isFull ? nothing : match === null ? rememberedOf(rule, read, written) : statedBy(rule, match)
      if (found === null) continue
      this.#note(found, start, end)
      if (isInsideWord(end, length)) (cuts ??= []).push(end)
      if (isInsideWord(start, length)) this.isCutting = true
    }
    if (taken.count > 0) this.#mark()
    if (cuts === null) return
    this.isCutting = true
    // What is left of a word may begin anything, for the rules that come.
    for (const cut of cuts) places.add(cut, whatMayBegin(units[cut]!))
  }

  #note(found: readonly Stated[], start: number, behind: number): void {
    let first = -1
    for (let at = 0; at < found.length; at++) {
      const place = this.#placeOf(found[at]!, start)
      if (first === -1) first = place
    }
    let end = behind
    // What ends a sentence goes on ending it.
    if (first !== -1) while (end > start && isEnding(units[end - 1]!)) end--
    taken.starts[taken.count] = start
    taken.ends[taken.count] = end
    taken.marks[taken.count++] = first === -1 ? noFact : firstMark + first
  }

  /** Where among the facts this one is, put there if it is new or, unlike the one of before, certain. */
  #placeOf({ kind, values, numbers, keys, numberKeys, text, isWeak }: Stated, index: number): number {
    const first = keys[0]!
    const before = known.get(first)
    if (before !== -1 && !this.facts[before]!.isWeak) return before
    const place = before === -1 ? this.facts.length : before
    this.facts[place] = { kind, values, numbers, keys, numberKeys, text, index, isWeak }
    known.set(first, place)
    return place
  }

  /** Marks what was taken, unit by unit, so that places stay true. */
  #mark(): void {
    for (let each = 0; each < taken.count; each++) {
      const [mark, end] = [taken.marks[each]!, taken.ends[each]!]
      for (let at = taken.starts[each]!; at < end; at++) units[at] = mark
    }
    this.#marked = null
  }
}

function whatMayBegin(unit: number): number {
  if (kindOfUnit(unit) === kinds.digit) return anything
  return isEastern(unit) ? anythingInEastern : anythingInLetters
}

/** A private use character for each kind: no word of a text holds one, so that none is taken for a fact. */
const prefixes = new Map(factKinds.map((kind, at) => [kind, String.fromCharCode(noFact + at)]))
const keyed = (kind: FactKind, value: string): number => wordOfBoth(prefixes.get(kind)!, value)

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(text)
}

const isMark = (unit: number): boolean => unit >= 0xe000 && unit < 0xe200
/** One of `.,;:!?`. */
const isEnding = (unit: number): boolean =>
  unit === 0x2e || unit === 0x2c || unit === 0x3b || unit === 0x3a || unit === 0x21 || unit === 0x3f

function isInsideWord(at: number, length: number): boolean {
  if (at === 0 || at >= length) return false
  const kind = kindOfUnit(units[at]!)
  return kind === kindOfUnit(units[at - 1]!) && (kind === kinds.letter || kind === kinds.digit)
}
