import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { type Finding, type PairOutcome } from '../rungs/rung.ts'
import { cut } from '../text/cut.ts'
import { compareLeaves, isContradiction } from './leaf.ts'
import { isAlike, leaves } from './likeness.ts'
import { type Covering, marked } from '../waivers/covering.ts'
import { matchElements, matchMoved, type Matching } from './match-elements.ts'
import { type Differing } from './match-objects.ts'

export type FieldComparison = {
  /**
   * Agreeing fields over the served document's fields and the array elements added to them. A member that only the arm
   * has is not held against it, because clients read the fields they know; they do loop over every element.
   */
  quality: number
  /** Agreeing fields over all fields of either document. */
  agreement: number
  /** As `quality`, and as `agreement`, where a waived difference counts as a field that agrees. The outcome leaves it out. */
  waivedQuality: number
  waivedAgreement: number
  outcome: PairOutcome
  /** The gravest first, in document order; written when asked for, because a verdict needs none of it. */
  differences: () => Finding[]
  /** Where the documents differ in more than order, each place once: pointers with `*` for any index. */
  paths: () => string[]
  /** Does prose in one field contradict the other document's, as texts may? */
  isContradicted: () => boolean
}

const maxDifferences = 100
/** Elements of arrays deeper inside are not looked for in other places: each such array can double the work of all inside. */
const maxArraysAround = 3

type Tally = {
  /** Fields that agree; the counts below are of all others. */
  agreed: number
  servedBesides: number
  keptBesides: number
  /** Fields of either document, a field of both counted once. */
  allBesides: number
  addedElements: number
  /** How many arrays the walk is in. */
  arraysAround: number
  changes: Change[]
  maxChanges: number
}

type Change = {
  kind: string
  severity: Finding['severity']
  /** The outermost. */
  step: Step | null
  served: Json | undefined
  arm: Json | undefined
  weight: Weight
}

/** An array for each change would have room for sixteen. */
type Step = { name: string | number; inside: Step | null }

/** What a change takes from the tally's counts: fields of the served document and of either, elements added. */
type Weight = { fields: number; allFields: number; elements: number }

const weightless: Weight = { fields: 0, allFields: 0, elements: 0 }

/**
 * Two documents field by field, in one walk. A field is a leaf: a string, number, boolean, null, or an empty array or
 * object; its value and its place must agree (`compareLeaves` says which values do, `matchElements` which elements belong
 * together; objects without a name that stand in another order are `unsure`, since their order may be what they say). A container that was empty and is filled is one field lost, except that an object gaining its first members, like
 * any other, does not lower `quality`. Documents must not be deeper than `isTooDeep` allows.
 */
export function compareFields(served: Json, arm: Json, covering: Covering | null = null): FieldComparison {
  const tally: Tally = {
    agreed: 0,
    servedBesides: 0,
    keptBesides: 0,
    allBesides: 0,
    addedElements: 0,
    arraysAround: 0,
    changes: [],
    // A waiver that covers a hundred differences must be able to see them.
    maxChanges: covering === null ? maxDifferences : Infinity,
  }
  compareValues(served, arm, tally)
  const { agreed, changes } = tally
  const quality = (agreed + tally.keptBesides) / (agreed + tally.servedBesides + tally.addedElements)
  const agreement = agreed / (agreed + tally.allBesides)
  const left = covering === null ? changes : changes.filter((change) => covering(findingOf(change)) === null)
  const waived =
    left.length === changes.length ? { quality, agreement } : without(tally, new Set(changes).difference(new Set(left)))
  return {
    quality,
    agreement,
    waivedQuality: waived.quality,
    waivedAgreement: waived.agreement,
    outcome: outcomeOf(left),
    differences: () => marked(differencesOf(changes), covering),
    paths: () => pathsOf(changes),
    isContradicted: () => left.some(isContradictory),
  }
}

function without(tally: Tally, waived: ReadonlySet<Change>) {
  let [agreed, all, served, elements] = [tally.agreed, tally.allBesides, tally.servedBesides, tally.addedElements]
  let kept = agreed + tally.keptBesides
  for (const { weight } of waived) {
    kept += weight.fields
    agreed += weight.allFields
    all -= weight.allFields
    served -= weight.fields
    elements -= weight.elements
  }
  const ofServed = kept + served - tally.keptBesides + elements
  return { quality: ofServed === 0 ? 1 : kept / ofServed, agreement: agreed / (agreed + all) }
}

const gravity = { harmless: 0, unsure: 1, harmful: 2 }

function compareValues(served: Json, arm: Json, tally: Tally): void {
  if (served === arm) return addAgreed(tally)
  if (typeof served !== 'object' || typeof arm !== 'object') return compareOthers(served, arm, tally)
  const isList = Array.isArray(served)
  if (served === null || arm === null || isList !== Array.isArray(arm)) return addChange(served, arm, tally)
  return isList ? compareArrays(served, arm as Json[], tally) : compareObjects(served, arm as JsonObject, tally)
}

/** At most one of the two is a container. */
function compareOthers(served: Json, arm: Json, tally: Tally): void {
  const isLeaves = typeof served !== 'object' && typeof arm !== 'object'
  const verdict = isLeaves ? compareLeaves(served, arm) : 'harmful'
  if (verdict === 'harmful') return addChange(served, arm, tally)
  addAgreed(tally)
  if (verdict !== 'same') note(tally, 'prose', verdict, served, arm)
}

function compareObjects(served: JsonObject, arm: JsonObject, tally: Tally): void {
  const keys = Object.keys(served)
  const others = Object.keys(arm).length
  const shared = isRecord(keys) ? compareRecord(served, arm, tally) : compareMembers(keys, served, arm, tally)
  if (keys.length === 0) return others === 0 ? addAgreed(tally) : addFirstMembers(arm, tally)
  if (shared === others) return
  for (const key of Object.keys(arm)) {
    if (memberOf(served, key) !== undefined) continue
    const before = tally.changes.length
    addMember(arm[key]!, tally)
    place(key, before, tally)
  }
}

const maxRecordMembers = 64

/**
 * `for in` takes half the time, but only for as long as no object with numbered or very many members has gone through the same
 * loop: V8 then gives up its short way there, for all that come later. Numbered members stand first.
 */
function isRecord(keys: string[]): boolean {
  if (keys.length === 0 || keys.length > maxRecordMembers) return false
  const code = keys[0]!.charCodeAt(0)
  return !(code >= 0x30 && code <= 0x39)
}

/** Returns how many members of the served object the arm's has, too. */
function compareRecord(served: JsonObject, arm: JsonObject, tally: Tally): number {
  let agreed = 0
  let others = 0
  // Own members only: what was read from JSON inherits nothing that is listed here.
  for (const key in served) {
    const value = served[key]!
    // No inherited member is equal to an own one, so that only what differs needs `memberOf`.
    const other = arm[key]
    if (value === other) agreed++
    else if (compareMember(key, value, isOwn(arm, key, other) ? other : undefined, tally)) others++
  }
  tally.agreed += agreed
  return agreed + others
}

/** As `compareRecord`. */
function compareMembers(keys: string[], served: JsonObject, arm: JsonObject, tally: Tally): number {
  let shared = 0
  for (const key of keys) {
    const other = Object.hasOwn(arm, key) ? arm[key]! : undefined
    if (compareMember(key, served[key]!, other, tally)) shared++
  }
  return shared
}

/** Is it a member of both? */
function compareMember(key: string, served: Json, arm: Json | undefined, tally: Tally): boolean {
  const before = tally.changes.length
  if (arm === undefined) addMissing(served, tally)
  else compareValues(served, arm, tally)
  if (tally.changes.length > before) place(key, before, tally)
  return arm !== undefined
}

/** JSON holds neither undefined nor functions, so that only an inherited member needs to be told from an own one. */
function memberOf(object: JsonObject, key: string): Json | undefined {
  const value = object[key]
  return isOwn(object, key, value) ? value : undefined
}

const isOwn = (object: JsonObject, key: string, value: unknown): boolean =>
  (typeof value !== 'function' && key !== '__proto__') || Object.hasOwn(object, key)

/** Changes know their place from the inside out: each container adds its step to those made in it. */
function place(step: string | number, from: number, { changes }: Tally): void {
  for (let at = from; at < changes.length; at++) changes[at]!.step = { name: step, inside: changes[at]!.step }
}

function compareArrays(served: Json[], arm: Json[], tally: Tally): void {
  if (served.length === 0 && arm.length === 0) return addAgreed(tally)
  if (served.length === 0 || arm.length === 0) return addChange(served, arm, tally)
  const matching = matchElements(served, arm)
  return matching === null ? compareByPlace(served, arm, tally) : compareMatched(served, arm, matching, tally)
}

function compareByPlace(served: Json[], arm: Json[], tally: Tally): void {
  const { agreed, servedBesides, keptBesides, allBesides, addedElements } = tally
  const firstChange = tally.changes.length
  let differing: Differing | null = null
  tally.arraysAround++
  for (let at = 0; at < served.length; at++) {
    const [changes, agreeing, apart] = [tally.changes.length, tally.agreed, tally.allBesides]
    compareValues(served[at]!, arm[at]!, tally)
    if (tally.changes.length > changes) place(at, changes, tally)
    if (tally.allBesides === apart) continue
    differing ??= { places: [], fields: [], strays: 0 }
    differing.places.push(at)
    differing.fields.push(tally.allBesides - apart)
    if (!isAlike({ agreed: tally.agreed - agreeing, apart: tally.allBesides - apart })) differing.strays++
  }
  tally.arraysAround--
  // An element that is like the one in its place stands there.
  if (differing === null || differing.strays < 2 || tally.arraysAround >= maxArraysAround) return
  const matching = matchMoved(served, arm, differing)
  if (matching === null) return
  // Once more, and this time where they stand.
  Object.assign(tally, { agreed, servedBesides, keptBesides, allBesides, addedElements })
  tally.changes.length = firstChange
  compareMatched(served, arm, matching, tally)
}

function compareMatched(served: Json[], arm: Json[], { pairs, moved, isLimited }: Matching, tally: Tally): void {
  // First, for among many differences the last are not kept.
  if (moved !== null) note(tally, 'order', moved === 'named' ? 'harmless' : 'unsure', served, arm)
  if (isLimited) note(tally, 'unmatched', 'harmless', served, arm)
  tally.arraysAround++
  for (const { from, to } of pairs) {
    const before = tally.changes.length
    if (from === null) addElement(arm[to]!, tally)
    else if (to === null) addMissing(served[from]!, tally)
    else compareValues(served[from]!, arm[to]!, tally)
    place(from ?? to, before, tally)
  }
  tally.arraysAround--
}

function addAgreed(tally: Tally): void {
  tally.agreed++
}

function addChange(served: Json, arm: Json, tally: Tally): void {
  const [before, after] = [leaves(served), leaves(arm)]
  tally.servedBesides += before
  tally.allBesides += Math.max(before, after)
  // A filled array hands its reader elements that are not due.
  const elements = Array.isArray(served) && Array.isArray(arm) ? Math.max(0, after - before) : 0
  tally.addedElements += elements
  note(tally, 'changed', 'harmful', served, arm, { fields: before, allFields: Math.max(before, after), elements })
}

function addMissing(served: Json, tally: Tally): void {
  const count = leaves(served)
  tally.servedBesides += count
  tally.allBesides += count
  note(tally, 'missing', 'harmful', served, undefined, { fields: count, allFields: count, elements: 0 })
}

function addElement(arm: Json, tally: Tally): void {
  const count = leaves(arm)
  tally.addedElements += count
  tally.allBesides += count
  note(tally, 'added', 'harmful', undefined, arm, { fields: 0, allFields: count, elements: count })
}

function addMember(arm: Json, tally: Tally): void {
  const count = leaves(arm)
  tally.allBesides += count
  note(tally, 'added', 'harmless', undefined, arm, { fields: 0, allFields: count, elements: 0 })
}

function addFirstMembers(arm: JsonObject, tally: Tally): void {
  tally.servedBesides++
  tally.keptBesides++
  tally.allBesides += leaves(arm)
  for (const [key, value] of Object.entries(arm)) {
    const before = tally.changes.length
    note(tally, 'added', 'harmless', undefined, value, { fields: 0, allFields: leaves(value), elements: 0 })
    place(key, before, tally)
  }
}

const said: Record<string, string> = {
  changed: 'changed',
  missing: 'missing',
  added: 'only in the arm',
  prose: 'says it in other words',
  order: 'has the same elements in another order',
  unmatched: 'has too many elements that differ to tell which belong together, and is compared in order',
}

function note(
  tally: Tally,
  kind: string,
  severity: Finding['severity'],
  served: Json | undefined,
  arm: Json | undefined,
  weight = weightless,
): void {
  // What does damage is kept before what does not, however late it comes.
  if (tally.changes.length >= tally.maxChanges * (severity === 'harmful' ? 2 : 1)) return
  tally.changes.push({ kind, severity, step: null, served, arm, weight })
}

function outcomeOf(changes: Change[]): PairOutcome {
  let worst: PairOutcome = 'same'
  for (const { severity } of changes) if (worst === 'same' || gravity[severity] > gravity[worst]) worst = severity
  return worst
}

function differencesOf(changes: Change[]): Finding[] {
  return changes.toSorted((left, right) => gravity[right.severity] - gravity[left.severity]).map(findingOf)
}

function findingOf({ kind, severity, step, served, arm }: Change): Finding {
  const path = pointerOf(step, String)
  const message = `${path === '' ? 'the document' : path} ${said[kind]!}`
  return { rung: 'json', kind, severity, path, message, served: shown(served), arm: shown(arm) }
}

function pathsOf(changes: Change[]): string[] {
  const placed = changes.filter(({ kind }) => kind !== 'order' && kind !== 'unmatched')
  return [...new Set(placed.map(({ step }) => pointerOf(step, (name) => (typeof name === 'number' ? '*' : name))))]
}

const isContradictory = ({ severity, served, arm }: Change): boolean =>
  severity === 'harmful' && typeof served === 'string' && typeof arm === 'string' && isContradiction(served, arm)

/** RFC 6901. */
function pointerOf(step: Step | null, named: (name: Step['name']) => string): string {
  if (step === null) return ''
  return `/${named(step.name).replaceAll('~', '~0').replaceAll('/', '~1')}${pointerOf(step.inside, named)}`
}

const shown = (value: Json | undefined): string | null => (value === undefined ? null : cut(JSON.stringify(value), 300))
