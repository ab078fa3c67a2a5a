import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isSameLeaf } from './leaf.ts'

/** Equal in every field, members in any order. */
export function isSameTree(served: Json, arm: Json): boolean {
  if (served === arm) return true
  if (typeof served !== 'object' || typeof arm !== 'object') return isSameLeaf(served, arm)
  const isList = Array.isArray(served)
  if (served === null || arm === null || isList !== Array.isArray(arm)) return false
  return isList ? isSameList(served, arm as Json[]) : isSameObject(served, arm as JsonObject)
}

function isSameList(served: Json[], arm: Json[]): boolean {
  if (served.length !== arm.length) return false
  for (let at = 0; at < served.length; at++) if (!isSameTree(served[at]!, arm[at]!)) return false
  return true
}

function isSameObject(served: JsonObject, arm: JsonObject): boolean {
  let [shared, others] = [0, 0]
  for (const key in served) {
    if (!Object.hasOwn(arm, key) || !isSameTree(served[key]!, arm[key]!)) return false
    shared++
  }
  for (const _key in arm) others++
  return shared === others
}
