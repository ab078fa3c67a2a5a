import { type Json } from '../../../shared/dialects/dialect.ts'
import { compareTexts } from '../meaning/compare-texts.ts'
import { type PairOutcome } from '../rungs/rung.ts'

const tolerance = 1e-9
/** Strings of fewer words are values, compared exactly; longer ones are prose. */
const proseWords = 8

/**
 * Two values, neither of them a container. Numbers agree within 1e-9 of their size. Strings agree in Unicode's composed form
 * with single spaces; prose of eight words and more is compared as texts are.
 */
export function compareLeaves(served: Json, arm: Json): PairOutcome {
  if (served === arm) return 'same'
  if (typeof served === 'number' && typeof arm === 'number') return isClose(served, arm) ? 'same' : 'harmful'
  return typeof served === 'string' && typeof arm === 'string' ? compareStrings(served, arm) : 'harmful'
}

function isClose(served: number, arm: number): boolean {
  const apart = Math.abs(served - arm)
  return Number.isFinite(apart) && apart <= tolerance * Math.max(Math.abs(served), Math.abs(arm))
}

function compareStrings(served: string, arm: string): PairOutcome {
  const [left, right] = [plain(served), plain(arm)]
  if (left === right) return 'same'
  return isProse(left) && isProse(right) ? compareTexts(left, right).outcome : 'harmful'
}

/** Two pieces of prose of which one denies or alters what the other states. */
export function isContradiction(served: string, arm: string): boolean {
  const [left, right] = [plain(served), plain(arm)]
  return isProse(left) && isProse(right) && compareTexts(left, right).quality === 0
}

const isProse = (text: string): boolean => text.split(' ', proseWords).length === proseWords

const plain = (text: string): string => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
