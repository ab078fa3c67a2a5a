import { type Json } from '../../../shared/dialects/dialect.ts'
import { compareTexts } from '../meaning/compare-texts.ts'
import { type PairOutcome } from '../rungs/rung.ts'

const tolerance = 1e-9
/** Strings of fewer words are values, compared exactly; longer ones are prose. */
const proseWords = 8
const proseChars = 2 * proseWords - 1

/**
 * Two values, neither of them a container. Numbers agree within 1e-9 of their size. Strings agree in Unicode's composed form
 * with single spaces; prose of eight words and more is compared as texts are.
 */
export function compareLeaves(served: Json, arm: Json): PairOutcome {
  if (served === arm) return 'same'
  if (typeof served === 'number' && typeof arm === 'number') return isClose(served, arm) ? 'same' : 'harmful'
  return typeof served === 'string' && typeof arm === 'string' ? compareStrings(served, arm) : 'harmful'
}

/** As `compareLeaves` has it, but prose in other words is not the same. */
export function isSameLeaf(served: Json, arm: Json): boolean {
  if (served === arm) return true
  if (typeof served === 'number' && typeof arm === 'number') return isClose(served, arm)
  return typeof served === 'string' && typeof arm === 'string' && isSameText(served, arm)
}

function isClose(served: number, arm: number): boolean {
  const apart = Math.abs(served - arm)
  return Number.isFinite(apart) && apart <= tolerance * Math.max(Math.abs(served), Math.abs(arm))
}

function compareStrings(served: string, arm: string): PairOutcome {
  if (isSameText(served, arm)) return 'same'
  if (Math.min(served.length, arm.length) < proseChars) return 'harmful'
  const [left, right] = [plain(served), plain(arm)]
  return isProse(left) && isProse(right) ? compareTexts(left, right).outcome : 'harmful'
}

/** Where two visible ASCII characters part them, no composing and no spacing makes them equal again. */
function isSameText(served: string, arm: string): boolean {
  const shorter = Math.min(served.length, arm.length)
  let at = 0
  while (at < shorter && served.charCodeAt(at) === arm.charCodeAt(at)) at++
  if (isVisibleAscii(served.charCodeAt(at)) && isVisibleAscii(arm.charCodeAt(at))) return false
  return plain(served) === plain(arm)
}

const isVisibleAscii = (code: number): boolean => code > 0x20 && code < 0x7f

/** Two pieces of prose of which one denies or alters what the other states. */
export function isContradiction(served: string, arm: string): boolean {
  const [left, right] = [plain(served), plain(arm)]
  return isProse(left) && isProse(right) && compareTexts(left, right).quality === 0
}

const isProse = (text: string): boolean => text.split(' ', proseWords).length === proseWords

export const plain = (text: string): string => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
