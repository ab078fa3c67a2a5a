import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, parseJson, word } from '../../../shared/dialects/json.ts'
import { UnusableEntry, type UnusableReason } from './unusable.ts'

/** What a source tells of one exchange. Null or undefined: it does not tell, and nothing is put in its place. */
export type Logged = {
  /** Its id at the source, the same in every export; null: its text is all that identifies it. */
  id: string | null
  /** Bodies, as JSON or as JSON text. */
  request: Json | undefined
  response: Json | undefined
  /** Of the call, or a URL that ends in it. */
  path: string | null
  time: Json | undefined
  latencyMs: number | null
  ttftMs: number | null
  /** Null: an answer that is no error came with 200. */
  status: number | null
  conversationId: string | null
  route: string | null
  anthropicVersion: string | null
}

/** A way of writing exchanges down. */
export type LogFormat = {
  isEntry(fields: JsonObject): boolean
  /** Throws UnusableEntry. */
  read(fields: JsonObject): Logged
}

export const untold: Logged = {
  id: null,
  request: undefined,
  response: undefined,
  path: null,
  time: undefined,
  latencyMs: null,
  ttftMs: null,
  status: null,
  conversationId: null,
  route: null,
  anthropicVersion: null,
}

/** The first of the names that says something: exports name one thing differently, and CSV leaves cells empty. */
export function pick(fields: JsonObject, ...names: string[]): Json | undefined {
  return names.map((name) => field(fields, name)).find((value) => value !== undefined && value !== null && value !== '')
}

export function pickWord(fields: JsonObject, ...names: string[]): string | null {
  return word(pick(fields, ...names))
}

/** A number, also as the text that a cell of a CSV file holds. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null
}

/** What JSON text says; any other value, and text that is not JSON, as it is. Text that ends within JSON was cut. */
export function unpacked(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  const inside = parseJson(value)
  if (inside === undefined && !/[\]}]\s*$/.test(value)) throw new UnusableEntry('truncated')
  return inside ?? value
}

export function objectOf(value: unknown, reason: UnusableReason): JsonObject {
  if (!isObject(value)) throw new UnusableEntry(reason)
  return value
}

/** Milliseconds since 1970 of ISO text, or of seconds or milliseconds; null: none of these. Without a zone it is UTC. */
export function timeMsOf(value: unknown): number | null {
  if (typeof value === 'string') return timeMsOfText(value.trim())
  // Seconds stay below this bound until the year 5138; milliseconds have been above it since 1973.
  if (typeof value === 'number' && value >= 0) return value < 1e11 ? value * 1000 : value
  return null
}

function timeMsOfText(text: string): number | null {
  const hasZone = !/^\d{4}-\d\d-\d\d[ T][\d:.,]+$/.test(text)
  const timeMs = Date.parse(hasZone ? text : `${text.replace(' ', 'T')}Z`)
  return Number.isNaN(timeMs) || timeMs < 0 ? null : timeMs
}

/** From one time to another; null where one is missing or they are the wrong way round. */
export function spanMs(from: unknown, to: unknown): number | null {
  const [fromMs, toMs] = [timeMsOf(from), timeMsOf(to)]
  return fromMs === null || toMs === null || toMs < fromMs ? null : Math.round((toMs - fromMs) * 1e3) / 1e3
}

/** Ids are unique at their source only. */
export function idAt(source: string, id: string | null): string | null {
  return id === null ? null : `${source}/${id}`
}
