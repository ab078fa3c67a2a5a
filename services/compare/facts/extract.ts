import { kindOfUnit, kinds } from '../text/characters.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { wordOf } from '../text/vocabulary.ts'
import { type Fact, type Found, type Rule } from './fact.ts'
import { anything, begins, type Places, placesIn } from './places.ts'
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
  const found = new FoundFacts(ownMarks.test(text) ? text.replaceAll(allOwnMarks, ' ') : text)
  const places = placesIn(reading)
  for (const rule of rules) if ((places.all & rule.at) !== 0) found.take(rule, places)
  return { facts: found.facts, marked: found.marked(), isCutting: found.isCutting }
})

/** The units of the text that is read, with a mark in the place of all that was taken. One list for the process. */
let bytes = Buffer.alloc(1 << 13)
let units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)

function load(text: string): void {
  if (2 * text.length > bytes.length) {
    bytes = Buffer.alloc(4 * text.length)
    units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  }
  bytes.write(text, 0, 'utf16le')
}

class FoundFacts {
  readonly facts: Fact[] = []
  isCutting = false
  readonly #known = new Map<number, number>()
  #text: string
  #isStale = false

  constructor(text: string) {
    this.#text = text
    load(text)
  }

  marked(): string {
    if (!this.#isStale) return this.#text
    this.#isStale = false
    return (this.#text = bytes.toString('utf16le', 0, 2 * this.#text.length))
  }

  /** Everything that the rule finds, from left to right. It sees the text as the rules before it left it. */
  take({ at, pattern, common, read }: Rule, places: Places): void {
    const { length } = this.#text
    let text: string | null = null
    let end = 0
    let cuts: number[] | null = null
    for (let place = 0; place < places.count; place++) {
      const start = places.at[place]!
      if ((places.begins[place]! & at) === 0 || start < end || start >= length) continue
      // Only a leading yes or no reaches over other facts.
      if (isMark(units[start]!) && at !== begins.answer) continue
      text ??= this.marked()
      const match = common?.(text, start) ?? matchAt(pattern, text, start)
      if (match === null) continue
      const found = match[0]!
      end = start + found.length
      const facts = this.facts.length < maxFacts ? read(match) : []
      if (facts === null) continue
      this.#note(facts, found, start)
      if (isInsideWord(text, end)) (cuts ??= []).push(end)
      if (isInsideWord(text, start)) this.isCutting = true
    }
    if (cuts === null) return
    this.isCutting = true
    // What is left of a word may begin anything, for the rules that come.
    for (const cut of cuts) places.add(cut, anything)
  }

  /** Where among the facts this one is, put there if it is new or, unlike the one of before, certain. */
  #placeOf({ kind, values, numbers = values, text, isWeak = false }: Found, written: string, index: number): number {
    const first = keyed(kind, values[0]!)
    const known = this.#known.get(first)
    if (known !== undefined && !this.facts[known]!.isWeak) return known
    const place = known ?? this.facts.length
    const keys = values.length === 1 ? [first] : values.map((value) => keyed(kind, value))
    const numberKeys = numbers.map(wordOf)
    this.facts[place] = { kind, values, numbers, keys, numberKeys, text: text ?? written.trim(), index, isWeak }
    this.#known.set(first, place)
    return place
  }

  /** A match is marked from now on, as long as it was, so that places stay true. */
  #note(found: Found[], text: string, index: number): void {
    let first = -1
    for (let at = 0; at < found.length; at++) {
      const place = this.#placeOf(found[at]!, text, index)
      if (first === -1) first = place
    }
    this.#isStale = true
    let end = index + text.length
    // What ends a sentence goes on ending it.
    if (first !== -1) while (end > index && isEnding(units[end - 1]!)) end--
    units.fill(first === -1 ? noFact : firstMark + first, index, end)
  }
}

const keyed = (kind: string, value: string): number => wordOf(`${kind} ${value}`)

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(text)
}

const isMark = (unit: number): boolean => unit >= 0xe000 && unit < 0xe200
/** One of `.,;:!?`. */
const isEnding = (unit: number): boolean =>
  unit === 0x2e || unit === 0x2c || unit === 0x3b || unit === 0x3a || unit === 0x21 || unit === 0x3f

function isInsideWord(text: string, at: number): boolean {
  if (at === 0 || at >= text.length) return false
  const kind = kindOfUnit(text.charCodeAt(at))
  return kind === kindOfUnit(text.charCodeAt(at - 1)) && (kind === kinds.letter || kind === kinds.digit)
}
