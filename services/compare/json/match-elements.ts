import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { identitiesOf } from './fingerprint.ts'
import { type Differing, matchObjects, movedObjects, type Placed } from './match-objects.ts'

/** Places in the two arrays that belong together; null where one has no counterpart. */
export type ElementPair = { from: number; to: number } | { from: number; to: null } | { from: null; to: number }
export type Matching = {
  pairs: ElementPair[]
  /** Pairs stand in another order in the arm's array: of elements that have a name, or of others, whose order may be what they say. */
  moved: 'named' | 'unnamed' | null
  /** Too many elements differ to find out which belong together in another order. */
  isLimited: boolean
}

/** Members that name an element, in the order in which they are asked. */
const keyNames = ['id', '_id', 'uuid', 'key', 'sku', 'code', 'slug', 'number', 'name', 'title']
const keyRanks = new Map(keyNames.map((name, rank) => [name, rank]))
/** More cells than this, and the arrays are taken to have no elements in common but those at both ends. */
const maxCells = 1_000_000

/**
 * Objects that a member names are matched by it, wherever they stand. Arrays of one length are otherwise matched by place, which
 * is null here: their order is what they say. Where lengths differ, elements that are equal are matched in order, so that one
 * left out or put in does not make all the others differ; objects that are left are matched with those which they are most like.
 */
export function matchElements(served: Json[], arm: Json[]): Matching | null {
  const key = keyOf(served, arm)
  if (served.length === arm.length && (key === null || isInPlace(served, arm, key))) return null
  if (key !== null && isKeyed(served, key) && isKeyed(arm, key)) {
    return matchByKey(served as JsonObject[], arm as JsonObject[], key)
  }
  if (served.length === arm.length) return null
  // The shorter one first, so that it is the same the other way round.
  const [first, second] = served.length < arm.length ? [served, arm] : [arm, served]
  const { counterparts, isLimited } = matchInOrder(first, second)
  const matching = matchingOf(pairsOf(counterparts, second.length), 'unnamed', isLimited)
  return first === served ? matching : { ...matching, pairs: matching.pairs.map(turned) }
}

const turned = ({ from, to }: ElementPair): ElementPair => ({ from: to, to: from }) as ElementPair

/** For arrays of one length: how objects among them are matched better than by place; null where they are not. */
export function matchMoved(served: Json[], arm: Json[], differing: Differing): Matching | null {
  const found = movedObjects(served, arm, differing)
  if (found === null) return null
  const counterparts: (number | null)[] = [...served.keys()]
  const taken = new Set(found.pairs.map(([, to]) => to))
  for (const at of differing.places) if (taken.has(at)) counterparts[at] = null
  for (const [from, to] of found.pairs) counterparts[from] = to
  return matchingOf(pairsOf(counterparts, arm.length), 'unnamed', found.isLimited)
}

/** From the arm's place of each served element; null: it has none. */
function pairsOf(counterparts: (number | null)[], armLength: number): ElementPair[] {
  const added = new Set(Array.from({ length: armLength }, (_, to) => to))
  for (const to of counterparts) if (to !== null) added.delete(to)
  const pairs = counterparts.map((to, from): ElementPair => (to === null ? { from, to } : { from, to }))
  return [...pairs, ...Array.from(added, (to) => ({ from: null, to }))]
}

function matchingOf(pairs: ElementPair[], kind: 'named' | 'unnamed', isLimited: boolean): Matching {
  let [last, isMoved] = [-1, false]
  for (const { from, to } of pairs) {
    if (from === null || to === null) continue
    isMoved ||= to < last
    last = to
  }
  return { pairs, moved: isMoved ? kind : null, isLimited }
}

/** The member that may name the elements of both. */
function keyOf([served]: Json[], [arm]: Json[]): string | null {
  if (!isObject(served) || !isObject(arm)) return null
  let first: string | null = null
  let rank = keyRanks.size
  // Most objects have fewer members than there are names to ask for.
  for (const name in served) {
    const its = keyRanks.get(name)
    if (its === undefined || its >= rank) continue
    first = name
    rank = its
  }
  return first !== null && Object.hasOwn(arm, first) ? first : null
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
  const counterparts = served.map((item) => places.get(item[key]!) ?? null)
  return matchingOf(pairsOf(counterparts, arm.length), 'named', false)
}

function matchInOrder(served: Json[], arm: Json[]): { counterparts: (number | null)[]; isLimited: boolean } {
  const [ofServed, ofArm] = identitiesOf(served, arm)
  const common = commonPlaces(ofServed!, ofArm!)
  const left = others(served.length, new Set(common.map(([from]) => from)))
  const right = others(arm.length, new Set(common.map(([, to]) => to)))
  const { pairs, isLimited } = matchObjects(served, arm, left, right)
  const counterparts = Array.from({ length: served.length }, (): number | null => null)
  for (const [from, to] of [...common, ...pairs]) counterparts[from] = to
  const taken = new Set(pairs.map(([, to]) => to))
  const free = { left: left.filter((at) => counterparts[at] === null), right: right.filter((at) => !taken.has(at)) }
  for (const [from, to] of byPlaceBetween(common, free.left, free.right)) counterparts[from] = to
  return { counterparts, isLimited }
}

const others = (length: number, places: Set<number>): number[] =>
  Array.from({ length }, (_, at) => at).filter((at) => !places.has(at))

/** Elements that nothing else matches, one by one between those that are equal in both. */
function byPlaceBetween(common: Placed[], left: number[], right: number[]): Placed[] {
  const pairs: Placed[] = []
  let [row, column] = [0, 0]
  for (const [fromEnd, toEnd] of [...common, [Infinity, Infinity] as const]) {
    while (left[row]! < fromEnd && right[column]! < toEnd) pairs.push([left[row++]!, right[column++]!])
    while (left[row]! < fromEnd) row++
    while (right[column]! < toEnd) column++
  }
  return pairs
}

/** A longest common subsequence, as places in both. */
function commonPlaces(served: number[], arm: number[]): Placed[] {
  const shorter = Math.min(served.length, arm.length)
  let start = 0
  while (start < shorter && served[start] === arm[start]) start++
  let end = 0
  while (end < shorter - start && served.at(-1 - end) === arm.at(-1 - end)) end++
  const middle = commonWithin(served.slice(start, served.length - end), arm.slice(start, arm.length - end))
  return [
    ...Array.from({ length: start }, (_, at): Placed => [at, at]),
    ...middle.map(([from, to]): Placed => [from + start, to + start]),
    ...Array.from({ length: end }, (_, at): Placed => [served.length - end + at, arm.length - end + at]),
  ]
}

function commonWithin(served: number[], arm: number[]): Placed[] {
  const width = arm.length + 1
  if (served.length * arm.length > maxCells) return []
  const lengths = new Uint16Array((served.length + 1) * width)
  for (let from = served.length - 1; from >= 0; from--) {
    for (let to = arm.length - 1; to >= 0; to--) {
      lengths[from * width + to] =
        served[from] === arm[to]
          ? lengths[(from + 1) * width + to + 1]! + 1
          : Math.max(lengths[(from + 1) * width + to]!, lengths[from * width + to + 1]!)
    }
  }
  const common: Placed[] = []
  for (let from = 0, to = 0; from < served.length && to < arm.length;) {
    if (served[from] === arm[to]) common.push([from++, to++])
    else if (lengths[(from + 1) * width + to]! >= lengths[from * width + to + 1]!) from++
    else to++
  }
  return common
}
