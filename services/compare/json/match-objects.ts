import { type Json } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { assign } from './assign.ts'
import { identitiesOf } from './fingerprint.ts'
import { isAlike, leaves, likenessOf } from './likeness.ts'

/** Places in the served array and in the arm's. */
export type Placed = [from: number, to: number]
export type Assignment = {
  pairs: Placed[]
  /** There were too many to be held against each other, so that only equal ones were paired. */
  isLimited: boolean
}

/** Elements of two arrays of one length that differ, how many fields of each, and how many of them are not alike. */
export type Differing = { places: number[]; fields: number[]; strays: number }

const maxElements = 64
/** Fields that are looked at, at most, to hold each element against each. */
const maxFields = 500_000
/** Weights of a sum of three whole numbers, which stays below 2^53: fields apart, fields that agree, places apart. */
const [ofApart, ofAgreed] = [2 ** 30, 2 ** 12]

/**
 * Which of the objects at some places belong together: those that agree in half of their fields or more, and in arrays of one
 * length also those in one place, so that the fewest fields differ in all; among equal sums, where elements are moved the least. Where
 * there are too many, equal ones are taken out in their order first.
 */
export function matchObjects(served: Json[], arm: Json[], left: number[], right: number[]): Assignment {
  const [rows, columns] = [left.filter((at) => isObject(served[at])), right.filter((at) => isObject(arm[at]))]
  if (isWithinLimits(served, arm, rows, columns)) {
    return { pairs: likePairs(served, arm, rows, columns), isLimited: false }
  }
  const pairs = equalPairs(served, arm, rows, columns)
  const [usedRows, usedColumns] = [new Set(pairs.map(([from]) => from)), new Set(pairs.map(([, to]) => to))]
  const rest = [rows.filter((at) => !usedRows.has(at)), columns.filter((at) => !usedColumns.has(at))] as const
  if (!isWithinLimits(served, arm, ...rest)) return { pairs, isLimited: true }
  return { pairs: [...pairs, ...likePairs(served, arm, ...rest)], isLimited: false }
}

function equalPairs(served: Json[], arm: Json[], left: number[], right: number[]): Placed[] {
  const [ofLeft, ofRight] = identitiesOf(
    left.map((at) => served[at]!),
    right.map((at) => arm[at]!),
  )
  const waiting = Map.groupBy(right.keys(), (place) => ofRight![place]!)
  return left.flatMap((from, place): Placed[] => {
    const next = waiting.get(ofLeft![place]!)?.shift()
    return next === undefined ? [] : [[from, right[next]!]]
  })
}

function isWithinLimits(served: Json[], arm: Json[], rows: number[], columns: number[]): boolean {
  if (rows.length === 0 || columns.length === 0) return true
  if (Math.max(rows.length, columns.length) > maxElements) return false
  const fields = (elements: Json[], places: number[]): number => sum(places.map((at) => leaves(elements[at]!)))
  return fields(served, rows) * columns.length + fields(arm, columns) * rows.length <= maxFields
}

function likePairs(served: Json[], arm: Json[], rows: number[], columns: number[]): Placed[] {
  // No more rows than columns.
  if (rows.length > columns.length) return likePairs(arm, served, columns, rows).map(([to, from]) => [from, to])
  const isByPlace = served.length === arm.length
  const sizes = columns.map((to) => leaves(arm[to]!))
  const paired: boolean[][] = []
  // A column that nobody takes costs all of its fields, so that taking it saves them; a pair that is none costs both.
  const costs = rows.map((from, row) => {
    const size = leaves(served[from]!)
    paired.push([])
    return columns.map((to, column) => {
      const likeness = likenessOf(served[from]!, arm[to]!)
      const isPair = isAlike(likeness) || (isByPlace && from === to)
      paired[row]!.push(isPair)
      const cost = isPair ? (likeness.apart - sizes[column]!) * ofApart - likeness.agreed * ofAgreed : size * ofApart
      return cost + Math.abs(row - column)
    })
  })
  return assign(costs).flatMap((column, row): Placed[] =>
    paired[row]![column]! ? [[rows[row]!, columns[column]!]] : [],
  )
}

/**
 * Objects in arrays of one length that belong together in another order, all others by place; null where no other order
 * leaves fewer fields apart.
 */
export function movedObjects(served: Json[], arm: Json[], { places, fields }: Differing): Assignment | null {
  const found = matchObjects(served, arm, places, places)
  const [ofServed, ofArm] = [new Set(places), new Set(places)]
  let apart = 0
  for (const [from, to] of found.pairs) {
    apart += likenessOf(served[from]!, arm[to]!).apart
    ofServed.delete(from)
    ofArm.delete(to)
  }
  for (const [nth, at] of places.entries()) {
    if (ofServed.has(at) && ofArm.has(at)) apart += fields[nth]!
    else apart += (ofServed.has(at) ? leaves(served[at]!) : 0) + (ofArm.has(at) ? leaves(arm[at]!) : 0)
  }
  if (apart < sum(fields)) return found
  return found.isLimited ? { pairs: [], isLimited: true } : null
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0)
