import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { isSameTree } from './same-tree.ts'

/** Places in the two arrays that belong together; null where one has no counterpart. */
export type ElementPair = { from: number; to: number } | { from: number; to: null } | { from: null; to: number }
export type Matching = { pairs: ElementPair[]; isMoved: boolean }

/** Members that name an element, in the order in which they are asked. */
const keyNames = ['id', '_id', 'uuid', 'key', 'sku', 'code', 'slug', 'number', 'name', 'title']
/** More cells than this, and elements are matched by place behind what the arrays have in common. */
const maxCells = 10_000

/**
 * Objects that a member names are matched by it, wherever they stand: `isMoved` where that is another order. Arrays of one
 * length are otherwise matched by place, because their order is what they say. Where lengths differ, elements that are
 * equal are matched in order, so that one left out or put in does not make all the others differ. Null: by place.
 */
export function matchElements(served: Json[], arm: Json[]): Matching | null {
  const key = keyOf(served, arm)
  if (served.length === arm.length && (key === null || isInPlace(served, arm, key))) return null
  if (key !== null && isKeyed(served, key) && isKeyed(arm, key)) {
    return matchByKey(served as JsonObject[], arm as JsonObject[], key)
  }
  if (served.length === arm.length) return null
  // The shorter one first, so that it is the same the other way round.
  if (served.length < arm.length) return { pairs: matchInOrder(served, arm), isMoved: false }
  return { pairs: matchInOrder(arm, served).map(turned), isMoved: false }
}

const turned = ({ from, to }: ElementPair): ElementPair => ({ from: to, to: from }) as ElementPair

/** The member that may name the elements of both. */
function keyOf([served]: Json[], [arm]: Json[]): string | null {
  if (!isObject(served) || !isObject(arm)) return null
  for (const name of keyNames) if (Object.hasOwn(served, name)) return Object.hasOwn(arm, name) ? name : null
  return null
}

/** Does each element stand where the one of its name does? Whether names repeat is then no matter. */
function isInPlace(served: Json[], arm: Json[], key: string): boolean {
  for (let at = 0; at < served.length; at++) {
    const [left, right] = [served[at], arm[at]]
    if (!isObject(left) || !isObject(right) || left[key] !== right[key]) return false
  }
  return true
}

function isKeyed(items: Json[], name: string): boolean {
  const seen = new Set<Json>()
  for (const item of items) {
    if (!isObject(item) || !Object.hasOwn(item, name) || typeof item[name] === 'object') return false
    seen.add(item[name]!)
  }
  return seen.size === items.length
}

function matchByKey(served: JsonObject[], arm: JsonObject[], key: string): Matching {
  const places = new Map(arm.map((item, at) => [item[key]!, at]))
  const pairs: ElementPair[] = []
  let [isMoved, last] = [false, -1]
  for (const [from, item] of served.entries()) {
    const to = places.get(item[key]!) ?? null
    places.delete(item[key]!)
    if (to !== null) [isMoved, last] = [isMoved || to < last, to]
    pairs.push(to === null ? { from, to } : { from, to })
  }
  for (const to of places.values()) pairs.push({ from: null, to })
  return { pairs, isMoved }
}

function matchInOrder(served: Json[], arm: Json[]): ElementPair[] {
  const shorter = Math.min(served.length, arm.length)
  let start = 0
  while (start < shorter && isSameTree(served[start]!, arm[start]!)) start++
  let end = 0
  while (end < shorter - start && isSameTree(served.at(-1 - end)!, arm.at(-1 - end)!)) end++
  const pairs: ElementPair[] = []
  for (let at = 0; at < start; at++) pairs.push({ from: at, to: at })
  const middle = [served.slice(start, served.length - end), arm.slice(start, arm.length - end)] as const
  for (const { from, to } of matchMiddle(...middle)) {
    if (from === null) pairs.push({ from, to: to + start })
    else pairs.push(to === null ? { from: from + start, to } : { from: from + start, to: to + start })
  }
  for (let back = end; back > 0; back--) pairs.push({ from: served.length - back, to: arm.length - back })
  return pairs
}

/** Runs between elements that are equal in both are matched by place. */
function matchMiddle(served: Json[], arm: Json[]): ElementPair[] {
  const pairs: ElementPair[] = []
  let [from, to] = [0, 0]
  const fill = (fromEnd: number, toEnd: number): void => {
    while (from < fromEnd && to < toEnd) pairs.push({ from: from++, to: to++ })
    while (from < fromEnd) pairs.push({ from: from++, to: null })
    while (to < toEnd) pairs.push({ from: null, to: to++ })
  }
  for (const [equalFrom, equalTo] of commonElements(served, arm)) {
    fill(equalFrom, equalTo)
    pairs.push({ from: from++, to: to++ })
  }
  fill(served.length, arm.length)
  return pairs
}

/** A longest common subsequence, as places in both. */
function commonElements(served: Json[], arm: Json[]): [number, number][] {
  const width = arm.length + 1
  if (served.length * arm.length > maxCells) return []
  const lengths = new Uint16Array((served.length + 1) * width)
  const isEqual = served.map((item) => arm.map((other) => isSameTree(item, other)))
  for (let from = served.length - 1; from >= 0; from--) {
    for (let to = arm.length - 1; to >= 0; to--) {
      lengths[from * width + to] = isEqual[from]![to]
        ? lengths[(from + 1) * width + to + 1]! + 1
        : Math.max(lengths[(from + 1) * width + to]!, lengths[from * width + to + 1]!)
    }
  }
  const common: [number, number][] = []
  for (let from = 0, to = 0; from < served.length && to < arm.length;) {
    if (isEqual[from]![to]) common.push([from++, to++])
    else if (lengths[(from + 1) * width + to]! >= lengths[from * width + to + 1]!) from++
    else to++
  }
  return common
}
