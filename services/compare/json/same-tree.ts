import { type Json } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { compareLeaves } from './leaf.ts'

/** Equal in every field, members in any order. */
export function isSameTree(served: Json, arm: Json): boolean {
  if (Array.isArray(served) && Array.isArray(arm)) {
    return served.length === arm.length && served.every((item, place) => isSameTree(item, arm[place]!))
  }
  if (isObject(served) && isObject(arm)) {
    const keys = Object.keys(served)
    const isSameShape = keys.length === Object.keys(arm).length && keys.every((key) => Object.hasOwn(arm, key))
    return isSameShape && keys.every((key) => isSameTree(served[key]!, arm[key]!))
  }
  if (typeof served === 'object' || typeof arm === 'object') return served === arm
  return compareLeaves(served, arm) === 'same'
}
