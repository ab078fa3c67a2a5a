import { lettersIn, readOne } from './reading.ts'

const scripts = {
  Latin: /\p{Script=Latin}/gu,
  Cyrillic: /\p{Script=Cyrillic}/gu,
  Greek: /\p{Script=Greek}/gu,
  Arabic: /\p{Script=Arabic}/gu,
  Hebrew: /\p{Script=Hebrew}/gu,
  Devanagari: /\p{Script=Devanagari}/gu,
  Thai: /\p{Script=Thai}/gu,
  Korean: /\p{Script=Hangul}/gu,
  'Chinese or Japanese': /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
}

const maxChars = 2_000
/** Fewer letters than this, a name or a code, show no script. */
const minLetters = 6

/** The script of more than half of a text's letters; null where none is, or there are too few letters to tell. */
export function scriptOf(text: string): string | null {
  const { ascii, others } = lettersIn(readOne(text), maxChars)
  const letters = ascii + others
  if (letters < minLetters) return null
  if (ascii > others) return 'Latin'
  const sample = text.slice(0, maxChars)
  const isMain = ([, pattern]: [string, RegExp]): boolean => (sample.match(pattern)?.length ?? 0) * 2 > letters
  return Object.entries(scripts).find(isMain)?.[0] ?? null
}
