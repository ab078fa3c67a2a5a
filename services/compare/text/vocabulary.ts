/**
 * Words as numbers, so that whatever is compared is compared as integers. One table for the process, kept from text to text,
 * because texts share most of their words; what is known about a word (`wordTable`) is worked out once. It is emptied when it
 * has grown large, and only between two pairs (`makeRoom`): numbers of before then mean nothing any more.
 */
/** Open addressing; 0: free, else an entry, which is the number of a word plus 1. */
let slots = new Int32Array(1 << 14)
/** The units of every word, end to end. */
let pool = new Uint16Array(1 << 16)
let poolEnd = 0
/** By entry, where it starts in `pool`; it ends where the next one starts. */
let starts = new Int32Array(1 << 13)
let hashes = new Int32Array(1 << 13)
/** By entry, its first units, two in an integer and four of those. */
let keys = new Int32Array(1 << 15)
let count = 0
/** Words as strings, made when first asked for. */
let texts: (string | undefined)[] = []

/** More of them are forgotten before the next pair. */
const maxKept = 50_000

const forgetting: (() => void)[] = []
/** Is called where all numbers given out before are void. */
export function whenForgotten(forget: () => void): void {
  forgetting.push(forget)
}

/** To make a number out of several, beginning with `firstHash`. */
export const firstHash = 0x811c9dc5 | 0
export const hashed = (hash: number, value: number): number => Math.imul(hash ^ value, 0x01000193)

/** True where all numbers given out before are void. */
export function makeRoom(): boolean {
  if (count <= maxKept) return false
  slots.fill(0)
  poolEnd = 0
  count = 0
  texts = []
  for (const forget of forgetting) forget()
  return true
}

/** Up to here a word is compared as four integers, without a loop: a loop's end cannot be foreseen, which costs more. */
const shortUnits = 8
/** Which bits of the four integers belong to a word of 0 to 8 units. */
const masks = Int32Array.from({ length: 4 * (shortUnits + 1) }, (_, at) => {
  const missing = (at >> 2) - 2 * (at & 3)
  return missing <= 0 ? 0 : missing === 1 ? 0xffff : -1
})

/** UTF-16 units in the order of the machine, with `slack` behind them that may be read and means nothing. */
export const slack = shortUnits

/** Of a letter in a word that is told by its letters alone; at most 12 of them are. */
export const letterBits = 5
/**
 * Such words of late: the last six letters, those before them, and the number. Two rows side by side for all that fall on
 * the same place, of which the older one is written over.
 */
const ofLetters = new Int32Array(4 << 12)
whenForgotten(() => ofLetters.fill(0))

/** The number of the word of ASCII letters that stands from `start` to before `end`: five bits of each letter, the first ones in `high`. */
export function wordOfLetters(low: number, high: number, units: DataView, start: number, end: number): number {
  const known = ofLetters
  const row = ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 21) << 3
  if (known[row] === low && known[row + 1] === high) return known[row + 2]!
  if (known[row + 4] === low && known[row + 5] === high) return known[row + 6]!
  return putLetters(row, low, high, wordIn(units, start, end))
}

function putLetters(row: number, low: number, high: number, word: number): number {
  ofLetters.copyWithin(row + 4, row, row + 4)
  ofLetters[row] = low
  ofLetters[row + 1] = high
  ofLetters[row + 2] = word
  return word
}

function hashOf(first: number, second: number, third: number, fourth: number, length: number): number {
  const half = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35)
  const hash = Math.imul(half ^ (half >>> 15) ^ fourth ^ length, 0x27d4eb2f)
  return hash ^ (hash >>> 16)
}

/** The number of the word that stands from `start` to before `end`. */
export function wordIn(units: DataView, start: number, end: number): number {
  const length = end - start
  const row = 4 * Math.min(length, shortUnits)
  const offset = 2 * start
  const first = units.getInt32(offset, true) & masks[row]!
  const second = units.getInt32(offset + 4, true) & masks[row + 1]!
  const third = units.getInt32(offset + 8, true) & masks[row + 2]!
  const fourth = units.getInt32(offset + 12, true) & masks[row + 3]!
  let hash = hashOf(first, second, third, fourth, length)
  for (let next = start + shortUnits; next < end; next++) {
    hash = hashed(hash, units.getUint16(2 * next, true))
    hash ^= hash >>> 16
  }
  const mask = slots.length - 1
  let slot = hash & mask
  for (let known = slots[slot]!; known !== 0; known = slots[slot]!) {
    const key = 4 * known
    if (
      keys[key] === first &&
      keys[key + 1] === second &&
      keys[key + 2] === third &&
      keys[key + 3] === fourth &&
      length === starts[known + 1]! - starts[known]! &&
      (length <= shortUnits || isSame(known, units, start, end))
    ) {
      return known - 1
    }
    slot = (slot + 1) & mask
  }
  makeSpace(length)
  count++
  slots[slot] = count
  const key = 4 * count
  keys[key] = first
  keys[key + 1] = second
  keys[key + 2] = third
  keys[key + 3] = fourth
  hashes[count] = hash
  for (let at = start; at < end; at++) pool[poolEnd++] = units.getUint16(2 * at, true)
  starts[count + 1] = poolEnd
  if (2 * count > slots.length) spread()
  return count - 1
}

/** The word that is being put together. */
let parts = new Uint16Array(1 << 8)
let partsView = new DataView(parts.buffer)
let partsEnd = 0

/** Puts one more unit behind the word that is being put together. */
export function putUnit(unit: number): void {
  if (partsEnd + slack >= parts.length) growParts(2 * parts.length)
  parts[partsEnd++] = unit
}

function growParts(size: number): void {
  parts = grown(parts, new Uint16Array(size))
  partsView = new DataView(parts.buffer)
}

/** The number of the word that was put together. */
export function endWord(): number {
  const word = wordIn(partsView, 0, partsEnd)
  partsEnd = 0
  return word
}

export const wordOf = (text: string): number => wordOfBoth(text, '')

/** The number of the word that two texts make together. */
export function wordOfBoth(head: string, tail: string): number {
  const length = head.length + tail.length
  if (partsEnd + length + slack > parts.length) growParts(2 * (partsEnd + length + slack))
  const put = parts
  for (let at = 0; at < head.length; at++) put[partsEnd++] = head.charCodeAt(at)
  for (let at = 0; at < tail.length; at++) put[partsEnd++] = tail.charCodeAt(at)
  return endWord()
}

/** Of words that were put together of late, written over by the next that falls on the same place. */
const joined = {
  heads: new Int32Array(1 << 12).fill(-1),
  tails: new Int32Array(1 << 12),
  wholes: new Int32Array(1 << 12),
}
whenForgotten(() => joined.heads.fill(-1))

/** The word that two words make together. */
export function joinedPair(head: number, tail: number): number {
  const { heads, tails, wholes } = joined
  const place = (Math.imul(head, 0x9e3779b1) ^ Math.imul(tail, 0x85ebca6b)) >>> 20
  if (heads[place] !== head || tails[place] !== tail) {
    wholes[place] = wordOfBoth(textOf(head), textOf(tail))
    heads[place] = head
    tails[place] = tail
  }
  return wholes[place]!
}

export function textOf(word: number): string {
  const known = texts[word]
  if (known !== undefined) return known
  let text = ''
  for (let at = starts[word + 1]!; at < starts[word + 2]!; at++) text += String.fromCharCode(pool[at]!)
  texts[word] = text
  return text
}

/** Numbers are below it. */
export const wordCount = (): number => count

/** Is the rest of a long word the same? */
function isSame(entry: number, units: DataView, start: number, end: number): boolean {
  const offset = starts[entry]! - start
  for (let at = start + shortUnits; at < end; at++) {
    if (pool[offset + at] !== units.getUint16(2 * at, true)) return false
  }
  return true
}

/** For one more word. */
function makeSpace(length: number): void {
  while (poolEnd + length > pool.length) pool = grown(pool, new Uint16Array(2 * pool.length))
  if (count + 3 <= starts.length) return
  starts = grown(starts, new Int32Array(2 * starts.length))
  hashes = grown(hashes, new Int32Array(2 * hashes.length))
  keys = grown(keys, new Int32Array(2 * keys.length))
}

function spread(): void {
  slots = new Int32Array(2 * slots.length)
  const mask = slots.length - 1
  for (let entry = 1; entry <= count; entry++) {
    let slot = hashes[entry]! & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = entry
  }
}

function grown<Values extends Int32Array | Uint16Array>(from: Values, to: Values): Values {
  to.set(from)
  return to
}

const unknown = -(2 ** 31)

/** Something about each word, as an integer: worked out when first asked for, and then looked up. */
export function wordTable(work: (word: string) => number): (word: number) => number {
  let values = new Int32Array(starts.length).fill(unknown)
  whenForgotten(() => values.fill(unknown))
  const worked = (word: number): number => {
    const value = work(textOf(word))
    // To work it out may have added words.
    if (word >= values.length) values = grown(values, new Int32Array(starts.length).fill(unknown))
    values[word] = value
    return value
  }
  return (word) => {
    const known = word < values.length ? values[word]! : unknown
    return known === unknown ? worked(word) : known
  }
}

/** A set of words that is emptied at no cost and used again and again. */
export class WordSet {
  #stamps = new Int32Array(1 << 13)
  #stamp = 1
  size = 0

  clear(): void {
    this.#stamp++
    this.size = 0
  }

  has(word: number): boolean {
    return this.#stamps[word] === this.#stamp
  }

  add(word: number): void {
    while (word >= this.#stamps.length) this.#stamps = grown(this.#stamps, new Int32Array(2 * this.#stamps.length))
    if (this.#stamps[word] === this.#stamp) return
    this.#stamps[word] = this.#stamp
    this.size++
  }
}

/** Numbers by word, emptied as a set is. */
export class WordMap {
  readonly #words = new WordSet()
  #values = new Int32Array(1 << 13)

  clear(): void {
    this.#words.clear()
  }

  /** -1: none. */
  get(word: number): number {
    return this.#words.has(word) ? this.#values[word]! : -1
  }

  set(word: number, value: number): void {
    this.#words.add(word)
    while (word >= this.#values.length) this.#values = grown(this.#values, new Int32Array(2 * this.#values.length))
    this.#values[word] = value
  }
}

let counts = new Int32Array(1 << 13)

/** How many words two lists share, each counted as often as it occurs in both. */
export function sharedWords(left: readonly number[], right: readonly number[]): number {
  if (counts.length < count) counts = new Int32Array(2 * count)
  let shared = 0
  for (let at = 0; at < left.length; at++) counts[left[at]!]!++
  for (let at = 0; at < right.length; at++) if (counts[right[at]!]!-- > 0) shared++
  // Left as it was found: all zero.
  for (let at = 0; at < left.length; at++) counts[left[at]!] = 0
  for (let at = 0; at < right.length; at++) counts[right[at]!] = 0
  return shared
}
