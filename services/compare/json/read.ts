import { type Json } from '../../../shared/dialects/dialect.ts'
import { isTooDeep } from '../../../shared/dialects/json.ts'

/** Longer documents are told equal or different as text only. */
const maxJsonChars = 1_000_000

/**
 * What an answer is as JSON. `strict`: a client's `JSON.parse` takes it. `fenced`: only after the Markdown fence around
 * it is taken off. Null: not JSON, nested deeper than we follow, or too long.
 */
export type JsonText = { value: Json; form: 'strict' | 'fenced' }

export function readJsonText(text: string): JsonText | null {
  if (text.length > maxJsonChars) return null
  const strict = parse(text)
  if (strict !== undefined) return { value: strict, form: 'strict' }
  const inner = unfenced(text)
  const value = inner === null ? undefined : parse(inner)
  return value === undefined ? null : { value, form: 'fenced' }
}

/** What any JSON begins with: prose is told from it without the error that `JSON.parse` makes of it, which takes long. */
const beginning = /^[ \t\n\r]*[{["\-\dtfn]/

/** Would a client's `JSON.parse` take it? Depth is no objection here: V8 parses any. */
export function isValidJson(text: string): boolean {
  if (!beginning.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whole numbers beyond 2^53 stay apart by their digits: as IEEE doubles, neighbouring ids would be equal. */
function parse(text: string): Json | undefined {
  if (!beginning.test(text)) return undefined
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  if (isTooDeep(value)) return undefined
  return /\d{16}/.test(text) ? withExactIntegers(text) : value
}

function withExactIntegers(text: string): Json {
  return JSON.parse(text, exactInteger) as Json
}

function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return isInexact && context?.source !== undefined ? `integer ${context.source}` : value
}

/** The inside of a text that is one Markdown code block and nothing else. */
function unfenced(text: string): string | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith('```') || !trimmed.endsWith('```') || trimmed.length < 7) return null
  const firstLine = trimmed.indexOf('\n')
  if (firstLine === -1 || !/^```\w{0,20}\s*$/.test(trimmed.slice(0, firstLine))) return null
  return trimmed.slice(firstLine + 1, -3)
}
