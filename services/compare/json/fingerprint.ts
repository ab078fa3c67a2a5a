import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isSameTree } from './same-tree.ts'
import { plain } from './leaf.ts'

/**
 * Numbers that are the same for elements which are equal in every field, and for no others, whichever of the arrays they are
 * in. Two numbers that differ by rounding only may come out apart, seldom.
 */
export function identitiesOf(...arrays: readonly Json[][]): number[][] {
  const known = new Map<number, { element: Json; identity: number }[]>()
  let count = 0
  const identityOf = (element: Json): number => {
    const fingerprint = fingerprintOf(element)
    const alike = known.get(fingerprint)
    const found = alike?.find((each) => isSameTree(each.element, element))
    if (found !== undefined) return found.identity
    const fresh = { element, identity: count++ }
    if (alike === undefined) known.set(fingerprint, [fresh])
    else alike.push(fresh)
    return fresh.identity
  }
  return arrays.map((elements) => elements.map(identityOf))
}

const single = new Float32Array(1)
const bits = new Int32Array(single.buffer)

/** A hash of what `isSameTree` looks at: members in any order, strings as they are compared, numbers to seven digits. */
function fingerprintOf(value: Json): number {
  if (typeof value === 'string') return fingerprintOfText(value)
  if (typeof value === 'number') {
    // Zero has one sign here.
    single[0] = value + 0
    return bits[0]!
  }
  if (typeof value !== 'object' || value === null) return value === null ? 1 : value ? 2 : 3
  return Array.isArray(value) ? fingerprintOfList(value) : fingerprintOfObject(value)
}

function fingerprintOfList(list: Json[]): number {
  let hash = 5
  for (const each of list) hash = mixed(hash, fingerprintOf(each))
  return hash
}

function fingerprintOfObject(object: JsonObject): number {
  let hash = 7
  for (const key in object) hash = (hash + mixed(fingerprintOfText(key), fingerprintOf(object[key]!))) | 0
  return hash
}

function fingerprintOfText(text: string): number {
  const compared = /[^\0-~]/.test(text) ? plain(text) : text
  let hash = 11
  for (let at = 0; at < compared.length; at++) {
    const code = compared.charCodeAt(at)
    if (code > 0x20) hash = mixed(hash, code)
  }
  return hash
}

const mixed = (hash: number, next: number): number => Math.imul(hash ^ next, 0x01000193) ^ (hash >>> 15)
