/**
 * Words as numbers, so that whatever is compared is compared as integers. One table for the process, kept from text to text,
 * because texts share most of their words; what is known about a word (`wordTable`) is worked out once. It is emptied when it
 * has grown large, and only between two pairs (`makeRoom`): numbers of before then mean nothing any more.
 */
/** Pairs of a hash and a word + 1, which is 0 where there is none. */
let slots = new Int32Array(1 << 15)
/** The characters of every word, end to end. */
let pool = new Uint16Array(1 << 16)
let poolEnd = 0
let starts = new Int32Array(1 << 13)
let hashes = new Int32Array(1 << 13)
let count = 0
/** Words as strings, made when first asked for. */
let texts: (string | undefined)[] = []

/** More of them are forgotten before the next pair. */
const maxKept = 50_000

type Table = { forget: () => void }
const tables: Table[] = []

export const firstHash = 0x811c9dc5 | 0
/** Of a word, unit by unit, beginning with `firstHash`. */
export const hashed = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

/** True where all numbers given out before are void. */
export function makeRoom(): boolean {
  if (count <= maxKept) return false
  slots.fill(0)
  poolEnd = 0
  count = 0
  texts = []
  for (const { forget } of tables) forget()
  return true
}

/** The number of a word that stands among the units of a text; `hash` is that of its units. */
export function wordIn(units: Uint16Array, start: number, end: number, hash: number): number {
  const mask = slots.length - 2
  let slot = slotOf(hash) & mask
  for (let known = slots[slot + 1]!; known !== 0; known = slots[slot + 1]!) {
    if (slots[slot] === hash && isSame(known - 1, units, start, end)) return known - 1
    slot = (slot + 2) & mask
  }
  slots[slot] = hash
  slots[slot + 1] = count + 1
  return add(units, start, end, hash)
}

const slotOf = (hash: number): number => (hash ^ (hash >>> 15)) << 1

/** Of the word that is looked up by itself. */
let single = new Uint16Array(1 << 8)

export function wordOf(text: string): number {
  const { length } = text
  if (length > single.length) single = new Uint16Array(2 * length)
  let hash = firstHash
  for (let at = 0; at < length; at++) hash = hashed(hash, (single[at] = text.charCodeAt(at)))
  return wordIn(single, 0, length, hash)
}

export function textOf(word: number): string {
  const known = texts[word]
  if (known !== undefined) return known
  let text = ''
  for (let at = starts[word]!; at < starts[word + 1]!; at++) text += String.fromCharCode(pool[at]!)
  texts[word] = text
  return text
}

/** Numbers are below it. */
export const wordCount = (): number => count

function isSame(word: number, units: Uint16Array, start: number, end: number): boolean {
  const from = starts[word]!
  if (starts[word + 1]! - from !== end - start) return false
  for (let at = start; at < end; at++) if (pool[from + at - start] !== units[at]) return false
  return true
}

function add(units: Uint16Array, start: number, end: number, hash: number): number {
  while (poolEnd + end - start > pool.length) pool = grown(pool, new Uint16Array(2 * pool.length))
  if (count + 2 > starts.length) {
    starts = grown(starts, new Int32Array(2 * starts.length))
    hashes = grown(hashes, new Int32Array(2 * hashes.length))
  }
  for (let at = start; at < end; at++) pool[poolEnd++] = units[at]!
  hashes[count] = hash
  starts[++count] = poolEnd
  if (4 * count > slots.length) spread()
  return count - 1
}

function spread(): void {
  slots = new Int32Array(2 * slots.length)
  const mask = slots.length - 2
  for (let word = 0; word < count; word++) {
    const hash = hashes[word]!
    let slot = slotOf(hash) & mask
    while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
    slots[slot] = hash
    slots[slot + 1] = word + 1
  }
}

function grown<Values extends Int32Array | Uint16Array>(from: Values, to: Values): Values {
  to.set(from)
  return to
}

const unknown = -(2 ** 31)

/** Something about each word, as an integer: worked out when first asked for, and then looked up. */
export function wordTable(work: (word: string) => number): (word: number) => number {
  let values = new Int32Array(1 << 13).fill(unknown)
  tables.push({ forget: () => values.fill(unknown) })
  const worked = (word: number): number => {
    const value = work(textOf(word))
    // To work it out may have added words.
    while (word >= values.length) values = grown(values, new Int32Array(2 * values.length).fill(unknown))
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
