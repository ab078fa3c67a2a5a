import { kindOfUnit, kinds } from '../text/characters.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { type Fact, type Found, type Rule } from './fact.ts'
import { anything, begins, type Places, placesIn } from './places.ts'
import { rules } from './rules.ts'

/** Beyond so many, the rest of a text is left unread: a table of numbers is compared by its beginning. */
const maxFacts = 500
/** Private use characters stand where a fact stood: `firstMark` + its place among the facts. */
export const firstMark = 0xe001
/** Stands where something was read and no fact found. */
const noFact = '\ue000'
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
  return found
})

class FoundFacts implements FactText {
  readonly facts: Fact[] = []
  marked: string
  isCutting = false
  readonly #known = new Map<string, number>()

  constructor(text: string) {
    this.marked = text
  }

  /** Everything that the rule finds, from left to right. It sees the text as the rules before it left it. */
  take({ at, pattern, read }: Rule, places: Places): void {
    const text = this.marked
    let [left, kept, end] = ['', 0, 0]
    const cuts: number[] = []
    for (let place = 0; place < places.count; place++) {
      const start = places.at[place]!
      if ((places.begins[place]! & at) === 0 || start < end) continue
      // Only a leading yes or no reaches over other facts.
      if (isMark(text.charCodeAt(start)) && at !== begins.answer) continue
      pattern.lastIndex = start
      const match = pattern.exec(text)
      if (match === null) continue
      end = start + match[0].length
      const facts = this.facts.length < maxFacts ? read(match) : []
      if (facts === null) continue
      left += text.slice(kept, start) + this.#note(facts, match[0], start)
      kept = end
      if (isInsideWord(text, end)) cuts.push(end)
      if (isInsideWord(text, start)) this.isCutting = true
    }
    if (kept === 0) return
    this.marked = left + text.slice(kept)
    if (cuts.length > 0) this.isCutting = true
    // What is left of a word may begin anything, for the rules that come.
    for (const cut of cuts) places.add(cut, anything)
  }

  /** What stands for a match from now on, as long as it was, so that places stay true. */
  #note(found: Found[], text: string, index: number): string {
    let first = -1
    for (const fact of found) {
      const key = `${fact.kind} ${fact.values[0]}`
      const known = this.#known.get(key)
      const place = known ?? this.facts.length
      // Said once for certain is certain.
      if (known === undefined || this.facts[known]!.isWeak) {
        this.facts[place] = { ...fact, text: fact.text ?? text.trim(), index, isWeak: fact.isWeak ?? false }
        this.#known.set(key, place)
      }
      if (first === -1) first = place
    }
    if (first === -1) return noFact.repeat(text.length)
    // What ends a sentence goes on ending it.
    let end = text.length
    while (end > 0 && isEnding(text.charCodeAt(end - 1))) end--
    return String.fromCharCode(firstMark + first).repeat(end) + text.slice(end)
  }
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
