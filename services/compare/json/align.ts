import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { compareFacts } from '../facts/compare-facts.ts'

export type Aligned = { served: Json; arm: Json }

const tolerance = 1e-9
/** Strings of fewer words are values, compared exactly; longer ones are prose. */
const proseWords = 8

/**
 * Copies of two documents in which leaves that agree are the same value, so that what still differs is a difference.
 * Numbers agree within 1e-9 of their size. Strings agree in Unicode's composed form with single spaces; prose of eight
 * words and more agrees if nothing that can be checked (see `compareFacts`) speaks against it.
 * Arrays are compared place by place; where lengths differ, holes stand before the common end, so that an element left
 * out in front does not make all the others differ.
 */
export function align(served: Json, arm: Json): Aligned {
  if (Array.isArray(served) && Array.isArray(arm)) return alignArrays(served, arm)
  if (isObject(served) && isObject(arm)) return alignObjects(served, arm)
  return { served, arm: isAgreeing(served, arm) ? served : arm }
}

function alignObjects(served: JsonObject, arm: JsonObject): Aligned {
  const entries = Object.entries(arm).map(([key, value]): [string, Json] => {
    return [key, Object.hasOwn(served, key) ? align(served[key]!, value).arm : value]
  })
  const others = Object.entries(served).map(([key, value]): [string, Json] => {
    return [key, Object.hasOwn(arm, key) ? align(value, arm[key]!).served : value]
  })
  // `fromEntries` makes own fields of any name, `__proto__` too.
  return { served: Object.fromEntries(others), arm: Object.fromEntries(entries) }
}

function alignArrays(served: Json[], arm: Json[]): Aligned {
  const end = served.length === arm.length ? 0 : commonEnd(served, arm)
  const length = Math.max(served.length, arm.length)
  const [left, right] = [spread(served, length, end), spread(arm, length, end)]
  for (let place = 0; place < length; place++) {
    if (!Object.hasOwn(left, place) || !Object.hasOwn(right, place)) continue
    const pair = align(left[place]!, right[place]!)
    left[place] = pair.served
    right[place] = pair.arm
  }
  return { served: left, arm: right }
}

/** How many elements agree at the end, beyond those that agree at the start. */
function commonEnd(served: Json[], arm: Json[]): number {
  const shorter = Math.min(served.length, arm.length)
  let start = 0
  while (start < shorter && isSameTree(served[start]!, arm[start]!)) start++
  let end = 0
  while (end < shorter - start && isSameTree(served.at(-1 - end)!, arm.at(-1 - end)!)) end++
  return end
}

function spread(items: Json[], length: number, end: number): Json[] {
  if (items.length === length) return [...items]
  const places = items.slice(0, items.length - end)
  for (let back = 1; back <= end; back++) places[length - back] = items.at(-back)!
  // Ends in a hole where there is no common end.
  places.length = length
  return places
}

function isSameTree(served: Json, arm: Json): boolean {
  if (Array.isArray(served) && Array.isArray(arm)) {
    return served.length === arm.length && served.every((item, place) => isSameTree(item, arm[place]!))
  }
  if (isObject(served) && isObject(arm)) {
    const keys = Object.keys(served)
    const isSameShape = keys.length === Object.keys(arm).length && keys.every((key) => Object.hasOwn(arm, key))
    return isSameShape && keys.every((key) => isSameTree(served[key]!, arm[key]!))
  }
  return isAgreeing(served, arm)
}

/** Two values of which at most one is a container. */
function isAgreeing(served: Json, arm: Json): boolean {
  if (served === arm) return true
  if (typeof served === 'number' && typeof arm === 'number') {
    return (
      Math.abs(served - arm) <= tolerance * Math.max(Math.abs(served), Math.abs(arm)) && Number.isFinite(served - arm)
    )
  }
  return typeof served === 'string' && typeof arm === 'string' && isAgreeingText(served, arm)
}

function isAgreeingText(served: string, arm: string): boolean {
  const [left, right] = [plain(served), plain(arm)]
  if (left === right) return true
  const isProse = left.split(' ').length >= proseWords && right.split(' ').length >= proseWords
  return isProse && compareFacts(left, right).quality === 1
}

const plain = (text: string): string => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
