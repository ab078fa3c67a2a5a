import { type Answer } from '../../shared/contracts/answer.ts'
import { type Dialect, type Exchange, type Task } from '../../shared/contracts/exchange.ts'
import { type Json, type JsonObject, type RequestFacts } from '../../shared/dialects/dialect.ts'
import { readRequest } from '../../shared/dialects/dialects.ts'
import { type Given, readGiven, readToolSchemas } from '../../shared/dialects/given.ts'
import { field, text } from '../../shared/dialects/json.ts'
import { isValidJson } from './json/read.ts'

/** What comparing reads of a request; `tier`: `metadata.tier` of its body. */
export type Asked = RequestFacts & {
  toolSchemas: ReadonlyMap<string, JsonObject | null>
  given: Given
  tier: string | null
}

/** `schema`: the JSON Schema that was asked for. */
export type TaskFacts = { task: Task; jsonExpected: boolean; schema: JsonObject | null; asked: Asked | null }

/** The task as the route declares it, else as request and served answer show it. */
export function taskOf(exchange: Exchange): TaskFacts {
  return taskFacts(exchange.task, exchange.served.answer, askedIn(exchange))
}

export function taskFacts(declared: Task | null, served: Answer | null, asked: Asked | null): TaskFacts {
  const task = declared ?? guess(served, asked)
  // A call is the answer of a tool task: its text, if there is any, need not be JSON.
  return { task, jsonExpected: task === 'json' || asked?.jsonExpected === true, schema: asked?.schema ?? null, asked }
}

export function readAsked(dialect: Dialect, body: Json): Asked {
  const tier = text(field(field(body, 'metadata'), 'tier'))
  return { ...readRequest(dialect, body), toolSchemas: readToolSchemas(body), given: readGiven(body), tier }
}

function guess(served: Answer | null, asked: RequestFacts | null): Task {
  if (served !== null && served.toolCalls.length > 0) return 'tools'
  if (asked?.jsonExpected) return 'json'
  const text = served?.text ?? ''
  if (isContainer(text)) return 'json'
  return isLabel(text) ? 'label' : 'text'
}

function isContainer(text: string): boolean {
  return /^\s*[[{]/.test(text) && isValidJson(text)
}

/** One short line that is not a sentence. */
function isLabel(text: string): boolean {
  const line = text.trim()
  if (line === '' || line.length > 40 || /[\n\r]/.test(line) || /[.!?…。！？,;:]$/.test(line)) return false
  return line.split(/\s+/).length <= 5
}

/** Null where the body was not kept, is cut or is not JSON. */
function askedIn(exchange: Exchange): Asked | null {
  const request = requestBodyOf(exchange)
  if (request === null) return null
  try {
    return readAsked(exchange.dialect, request)
  } catch {
    return null
  }
}

/** The body as it was sent. Null where it was not kept, is cut or is not JSON. */
export function requestBodyOf({ request: { body } }: Exchange): Json {
  if (body.data === null || body.truncated) return null
  try {
    return JSON.parse(Buffer.from(body.data, body.encoding).toString('utf8')) as Json
  } catch {
    return null
  }
}
