import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { type Finding } from '../rungs/rung.ts'
import { cut } from '../text/cut.ts'
import { compareLeaves } from './leaf.ts'
import { type Matching, matchElements } from './match-elements.ts'

export type FieldComparison = {
  /**
   * Agreeing fields over the served document's fields and the array elements added to them. A member that only the arm
   * has is not held against it, because clients read the fields they know; they do loop over every element.
   */
  quality: number
  /** Agreeing fields over all fields of either document. */
  agreement: number
  /** The gravest first, in document order. */
  differences: Finding[]
}

const maxDifferences = 20

type Tally = {
  servedFields: number
  /** Fields of either document, a field of both counted once. */
  allFields: number
  addedElements: number
  kept: number
  agreed: number
  path: (string | number)[]
  differences: Finding[]
}

/**
 * Two documents field by field, in one walk. A field is a leaf: a string, number, boolean, null, or an empty array or
 * object; its value and its place must agree (`compareLeaves` says which values do, `matchElements` which elements belong
 * together). A container that was empty and is filled is one field lost, except that an object gaining its first members, like
 * any other, does not lower `quality`. Documents must not be deeper than `isTooDeep` allows.
 */
export function compareFields(served: Json, arm: Json): FieldComparison {
  const tally: Tally = {
    servedFields: 0,
    allFields: 0,
    addedElements: 0,
    kept: 0,
    agreed: 0,
    path: [],
    differences: [],
  }
  compareValues(served, arm, tally)
  return {
    quality: tally.kept / (tally.servedFields + tally.addedElements),
    agreement: tally.agreed / tally.allFields,
    differences: tally.differences.toSorted((left, right) => gravity[right.severity] - gravity[left.severity]),
  }
}

const gravity = { harmless: 0, unsure: 1, harmful: 2 }

function compareValues(served: Json, arm: Json, tally: Tally): void {
  if (Array.isArray(served) && Array.isArray(arm)) return compareArrays(served, arm, tally)
  if (isObject(served) && isObject(arm)) return compareObjects(served, arm, tally)
  const isLeaves = typeof served !== 'object' && typeof arm !== 'object'
  const verdict = served === arm ? 'same' : isLeaves ? compareLeaves(served, arm) : 'harmful'
  if (verdict === 'harmful') return addChange(served, arm, tally)
  addAgreed(tally)
  if (verdict !== 'same') note(tally, 'prose', verdict, served, arm)
}

function compareObjects(served: JsonObject, arm: JsonObject, tally: Tally): void {
  const [keys, others] = [Object.keys(served), Object.keys(arm)]
  if (keys.length === 0) return others.length === 0 ? addAgreed(tally) : addFirstMembers(arm, tally)
  let shared = 0
  for (const key of keys) {
    tally.path.push(key)
    if (Object.hasOwn(arm, key)) {
      shared++
      compareValues(served[key]!, arm[key]!, tally)
    } else addMissing(served[key]!, tally)
    tally.path.pop()
  }
  if (shared === others.length) return
  for (const key of others) if (!Object.hasOwn(served, key)) within(key, tally, () => addMember(arm[key]!, tally))
}

function compareArrays(served: Json[], arm: Json[], tally: Tally): void {
  if (served.length === 0 && arm.length === 0) return addAgreed(tally)
  if (served.length === 0 || arm.length === 0) return addChange(served, arm, tally)
  const { pairs, isMoved }: Matching = matchElements(served, arm)
  for (const { from, to } of pairs) {
    tally.path.push(from ?? to)
    if (from === null) addElement(arm[to]!, tally)
    else if (to === null) addMissing(served[from]!, tally)
    else compareValues(served[from]!, arm[to]!, tally)
    tally.path.pop()
  }
  if (isMoved) note(tally, 'order', 'harmless', served, arm)
}

function addAgreed(tally: Tally): void {
  tally.servedFields++
  tally.allFields++
  tally.kept++
  tally.agreed++
}

function addChange(served: Json, arm: Json, tally: Tally): void {
  const [before, after] = [leaves(served), leaves(arm)]
  tally.servedFields += before
  tally.allFields += Math.max(before, after)
  // A filled array hands its reader elements that are not due.
  if (Array.isArray(served) && Array.isArray(arm)) tally.addedElements += Math.max(0, after - before)
  note(tally, 'changed', 'harmful', served, arm)
}

function addMissing(served: Json, tally: Tally): void {
  const count = leaves(served)
  tally.servedFields += count
  tally.allFields += count
  note(tally, 'missing', 'harmful', served, undefined)
}

function addElement(arm: Json, tally: Tally): void {
  const count = leaves(arm)
  tally.addedElements += count
  tally.allFields += count
  note(tally, 'added', 'harmful', undefined, arm)
}

function addMember(arm: Json, tally: Tally): void {
  tally.allFields += leaves(arm)
  note(tally, 'added', 'harmless', undefined, arm)
}

function addFirstMembers(arm: JsonObject, tally: Tally): void {
  tally.servedFields++
  tally.kept++
  tally.allFields += leaves(arm)
  for (const [key, value] of Object.entries(arm)) {
    within(key, tally, () => note(tally, 'added', 'harmless', undefined, value))
  }
}

function within(key: string, tally: Tally, work: () => void): void {
  tally.path.push(key)
  work()
  tally.path.pop()
}

const said: Record<string, string> = {
  changed: 'changed',
  missing: 'missing',
  added: 'only in the arm',
  prose: 'says it in other words',
  order: 'has the same elements in another order',
}

function note(
  tally: Tally,
  kind: string,
  severity: Finding['severity'],
  served: Json | undefined,
  arm: Json | undefined,
): void {
  // What does damage is told before what does not, however late it comes.
  if (tally.differences.length >= maxDifferences * (severity === 'harmful' ? 2 : 1)) return
  const path = pointerOf(tally.path)
  const message = `${path === '' ? 'the document' : path} ${said[kind]!}`
  tally.differences.push({ rung: 'json', kind, severity, path, message, served: shown(served), arm: shown(arm) })
}

/** RFC 6901. */
const pointerOf = (steps: (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const shown = (value: Json | undefined): string | null => (value === undefined ? null : cut(JSON.stringify(value), 300))

function leaves(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1
  const inside = Array.isArray(value) ? value : Object.values(value)
  let count = 0
  for (const each of inside) count += leaves(each)
  return Math.max(1, count)
}
