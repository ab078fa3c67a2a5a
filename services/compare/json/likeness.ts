import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isSameLeaf } from './leaf.ts'

/** Fields of two values that agree, and those of either that do not. Elements of arrays inside are taken by place. */
export type Likeness = { agreed: number; apart: number }

export function likenessOf(served: Json, arm: Json): Likeness {
  const likeness = { agreed: 0, apart: 0 }
  add(served, arm, likeness)
  return likeness
}

/** Half of the fields, or more, agree. */
export const isAlike = ({ agreed, apart }: Likeness): boolean => agreed >= Math.max(1, apart)

function add(served: Json, arm: Json, likeness: Likeness): void {
  if (served === arm) likeness.agreed++
  else if (typeof served !== 'object' || typeof arm !== 'object') addLeaves(served, arm, likeness)
  else if (served === null || arm === null || Array.isArray(served) !== Array.isArray(arm)) {
    likeness.apart += Math.max(leaves(served), leaves(arm))
  } else if (Array.isArray(served)) addLists(served, arm as Json[], likeness)
  else addObjects(served, arm as JsonObject, likeness)
}

/** At most one of the two is a container. */
function addLeaves(served: Json, arm: Json, likeness: Likeness): void {
  if (isSameLeaf(served, arm)) likeness.agreed++
  else likeness.apart += Math.max(leaves(served), leaves(arm))
}

function addLists(served: Json[], arm: Json[], likeness: Likeness): void {
  if (served.length + arm.length === 0) likeness.agreed++
  for (let at = 0; at < Math.max(served.length, arm.length); at++) {
    if (at < served.length && at < arm.length) add(served[at]!, arm[at]!, likeness)
    else likeness.apart += leaves(at < served.length ? served[at]! : arm[at]!)
  }
}

function addObjects(served: JsonObject, arm: JsonObject, likeness: Likeness): void {
  let isEmpty = true
  for (const key in served) {
    isEmpty = false
    if (Object.hasOwn(arm, key)) add(served[key]!, arm[key]!, likeness)
    else likeness.apart += leaves(served[key]!)
  }
  for (const key in arm) {
    isEmpty = false
    if (!Object.hasOwn(served, key)) likeness.apart += leaves(arm[key]!)
  }
  if (isEmpty) likeness.agreed++
}

/** A string, number, boolean, null, and an empty array or object are one each. */
export function leaves(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1
  const inside = Array.isArray(value) ? value : Object.values(value)
  let count = 0
  for (const each of inside) count += leaves(each)
  return Math.max(1, count)
}
