import { type Json, type JsonObject } from './dialect.ts'
import { field, isObject } from './json.ts'

/** JSON Merge Patch (RFC 7396): objects are merged, null takes a member away, all else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(target).filter(([name]) => field(patch, name) === undefined)
  const changed = Object.entries(patch).flatMap(([name, value]): [string, Json][] => {
    if (value === null) return []
    const before = field(target, name)
    return [[name, isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value]]
  })
  return Object.fromEntries([...kept, ...changed])
}
