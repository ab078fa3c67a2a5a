import { type Json, type JsonObject } from './dialect.ts'

/** Deeper bodies are refused: no real request nests so far, and recursion over them must not end the process. */
export const maxDepth = 256

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Member of a JSON object; undefined for all else. Never an inherited one such as `constructor`: all of those are functions
 * but the prototype itself, and no JSON value is either. Asking for own members by name costs twice as much.
 */
export function field(value: unknown, name: string): Json | undefined {
  if (!isObject(value)) return undefined
  const member: unknown = value[name]
  return typeof member === 'function' || member === Object.prototype ? undefined : (member as Json | undefined)
}

/** What stands at a path of names, `reasoning.effort`; undefined where there is nothing. */
export function fieldAt(value: unknown, path: string): Json | undefined {
  const dot = path.indexOf('.')
  return dot === -1 ? field(value, path) : fieldAt(field(value, path.slice(0, dot)), path.slice(dot + 1))
}

/** What a writer has built, without the members that are null. */
export function dropAbsent(body: JsonObject): JsonObject {
  const kept: JsonObject = {}
  for (const name in body) if (body[name] !== null) kept[name] = body[name]!
  return kept
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Like `text`, with the empty string counted as absent: compatible servers write `""` for unknown. */
export function word(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value : []
}

/** A whole, non-negative number of tokens; null for anything else, because unknown is not 0. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

export function parseJson(source: string): Json | undefined {
  try {
    return JSON.parse(source) as Json
  } catch {
    return undefined
  }
}

/** JSON text of a value read from the wire; `""` where it is nested too deep to be written. */
export function writeJson(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}

/** Does the value nest deeper than `maxDepth`? Goes no deeper than that itself, so any depth is safe to ask about. */
export function isTooDeep(value: Json, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth >= maxDepth) return true
  if (Array.isArray(value)) {
    for (const item of value) if (isTooDeep(item, depth + 1)) return true
    return false
  }
  for (const name in value) if (isTooDeep(value[name]!, depth + 1)) return true
  return false
}
