import jsonPatch from 'fast-json-patch'
import { type Difference } from '../../../shared/contracts/comparison.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isObject } from '../../../shared/dialects/json.ts'
import { cut } from '../text/cut.ts'
import { align } from './align.ts'

export type FieldComparison = {
  /**
   * Agreeing fields over the served document's fields and the array elements added to them. A member that only the arm
   * has is not held against it, because clients read the fields they know; they do loop over every element.
   */
  quality: number
  /** Agreeing fields over all fields of either document. */
  agreement: number
  differences: Difference[]
}

const maxDifferences = 20

/**
 * Two documents field by field. A field is a leaf: a string, number, boolean, null, or an empty array or object; its
 * value and its place must agree (see `align` for what agrees). A container that was empty and is filled is one field lost,
 * except that an object gaining its first members, like any other, does not lower `quality`. Documents must not be deeper than `isTooDeep` allows.
 */
export function compareFields(served: Json, arm: Json): FieldComparison {
  const aligned = align(served, arm)
  const changes = changesBetween(aligned.served, aligned.arm)
  const lost = sum(changes.map(({ from }) => leaves(from)))
  const fields = leaves(served)
  const [members, elements] = [
    additions(changes, aligned.served, isObject),
    additions(changes, aligned.served, Array.isArray),
  ]
  const agreed = fields - lost - elements.filled
  const grown = sum(changes.map(({ from, to }) => (from === undefined ? 0 : Math.max(0, leaves(to) - leaves(from)))))
  return {
    quality: agreed / (fields + elements.count - elements.filled),
    agreement:
      (agreed - members.filled) /
      (fields + sum([elements, members].map(({ count, filled }) => count - filled)) + grown),
    differences: changes.slice(0, maxDifferences).map(describe),
  }
}

type Change = { path: string; from: Json | undefined; to: Json | undefined }

function changesBetween(served: Json, arm: Json): Change[] {
  // Inside an array, because at the root the library mistakes scalars for objects.
  return jsonPatch.compare([served], [arm]).map(({ op, path }) => ({
    path: path.slice('/0'.length),
    from: op === 'add' ? undefined : valueAt([served], path),
    to: op === 'remove' ? undefined : valueAt([arm], path),
  }))
}

/** Fields that only the arm has, in containers of one kind; and how many containers it filled that were empty. */
function additions(changes: Change[], served: Json, isKind: (container: Json | undefined) => boolean) {
  const parentOf = ({ path }: Change): string => path.slice(0, path.lastIndexOf('/'))
  const added = changes.filter((change) => change.from === undefined && isKind(valueAt(served, parentOf(change))))
  const parents = new Set(added.map(parentOf))
  // An aligned array is as long as the longer one: empty means that it holds nothing.
  const filled = [...parents].filter((path) => Object.keys(valueAt(served, path) ?? {}).length === 0)
  return { count: sum(added.map(({ to }) => leaves(to))), filled: filled.length }
}

function describe({ path, from, to }: Change): Difference {
  const message = from === undefined ? 'only in the arm' : to === undefined ? 'missing' : 'changed'
  const place = path === '' ? 'the document' : path
  return { rung: 'json', path, message: `${place} ${message}`, served: shown(from), arm: shown(to) }
}

const shown = (value: Json | undefined): string | null => (value === undefined ? null : cut(JSON.stringify(value), 300))

/** RFC 6901. Holes of an aligned array are undefined. */
function valueAt(root: Json, pointer: string): Json | undefined {
  let value: Json | undefined = root
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}

function leaves(value: Json | undefined): number {
  if (value === undefined) return 0
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return inside.length === 0 ? 1 : sum(inside.map(leaves))
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
