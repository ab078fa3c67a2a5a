import { type Effort, efforts, type Losses } from './canonical.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { fieldAt } from './json.ts'

/** Reads one parameter; null where it is not said. A value nobody can read is a loss like a parameter nobody knows. */
export type ValueReader = <Value>(path: string, read: (value: Json) => Value | null) => Value | null

export function createValueReader(body: JsonObject, losses: Losses): ValueReader {
  return (path, read) => {
    const value = fieldAt(body, path) ?? null
    if (value === null) return null
    const said = read(value)
    if (said === null) {
      losses.add({ parameter: path, kind: 'dropped', severity: 'material', detail: 'its value is none that is known' })
    }
    return said
  }
}

export function asNumber(value: Json): number | null {
  return typeof value === 'number' ? value : null
}

export function asBoolean(value: Json): boolean | null {
  return typeof value === 'boolean' ? value : null
}

export function asText(value: Json): string | null {
  return typeof value === 'string' ? value : null
}

export function asEffort(value: Json): Effort | null {
  return efforts.find((effort): effort is Effort => effort === value) ?? null
}

/** One text, or a list of nothing but texts. */
export function asTexts(value: Json): string[] | null {
  if (typeof value === 'string') return [value]
  const texts = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : null
  return texts !== null && texts.length === (value as Json[]).length ? texts : null
}
