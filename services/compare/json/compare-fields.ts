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
 * value and its place must agree (see `align` for what agrees). Documents must not be deeper than `isTooDeep` allows.
 */
export function compareFields(served: Json, arm: Json): FieldComparison {
  const aligned = align(served, arm)
  // Inside an array, because at the root the library mistakes scalars for objects.
  const operations = jsonPatch.compare([aligned.served], [aligned.arm]).map(({ op, path }) => {
    const [from, to] = [valueAt([aligned.served], path), valueAt([aligned.arm], path)]
    return {
      path: path.replace(/^\/0/, ''),
      from: op === 'add' ? undefined : from,
      to: op === 'remove' ? undefined : to,
    }
  })
  const lost = sum(operations.map(({ from }) => leaves(from)))
  const gained = operations.filter(({ from }) => from === undefined)
  const servedCount = leaves(served)
  const agreed = servedCount - lost
  const elements = gained.filter(({ path }) => isElement(aligned.arm, path))
  return {
    quality: agreed / (servedCount + sum(elements.map(({ to }) => leaves(to)))),
    agreement: agreed / (servedCount + sum(gained.map(({ to }) => leaves(to)))),
    differences: operations.slice(0, maxDifferences).map(describe),
  }
}

type Change = { path: string; from: Json | undefined; to: Json | undefined }

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

const isElement = (root: Json, pointer: string): boolean =>
  Array.isArray(valueAt(root, pointer.slice(0, pointer.lastIndexOf('/'))))

function leaves(value: Json | undefined): number {
  if (value === undefined) return 0
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return inside.length === 0 ? 1 : sum(inside.map(leaves))
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
