import { lettersIn, readOne } from './reading.ts'

const scripts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Korean', /\p{Script=Hangul}/u],
  ['Chinese or Japanese', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u],
]

const maxChars = 2_000
/** Fewer letters than this, a name or a code, show no script. */
const minLetters = 6

/** The script of more than half of a text's letters; null where none is, or there are too few letters to tell. */
export function scriptOf(text: string): string | null {
  const { ascii, others } = lettersIn(readOne(text), maxChars)
  const letters = ascii + others
  if (letters < minLetters) return null
  if (ascii > others) return 'Latin'
  const counts = countsIn(text.slice(0, maxChars))
  return scripts.find((_, place) => 2 * counts[place + 1]! > letters)?.[0] ?? null
}

/** By UTF-16 unit, the place of its script and one more, which makes 0 of none; `notAsked` yet. */
const notAsked = 255
const known = new Uint8Array(1 << 16).fill(notAsked)

/** Characters by script. One list for the process. */
const counts = new Int32Array(scripts.length + 1)

function countsIn(sample: string): Int32Array {
  counts.fill(0)
  for (let at = 0; at < sample.length; at++) {
    const character = sample.codePointAt(at)!
    if (character > 0xffff) at++
    let script = character > 0xffff ? notAsked : known[character]!
    if (script === notAsked) {
      script = placeOf(character)
      if (character <= 0xffff) known[character] = script
    }
    counts[script]!++
  }
  return counts
}

function placeOf(character: number): number {
  const text = String.fromCodePoint(character)
  return scripts.findIndex(([, pattern]) => pattern.test(text)) + 1
}
