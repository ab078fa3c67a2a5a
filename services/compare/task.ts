import { type Answer } from '../../shared/contracts/answer.ts'
import { type Exchange, type Task } from '../../shared/contracts/exchange.ts'
import { type Json, type JsonObject, type RequestFacts } from '../../shared/dialects/dialect.ts'
import { readRequest } from '../../shared/dialects/dialects.ts'
import { field, text } from '../../shared/dialects/json.ts'
import { isValidJson } from './json/read.ts'

/** `schema`: the JSON Schema that was asked for. */
export type TaskFacts = { task: Task; jsonExpected: boolean; schema: JsonObject | null }

/** The task as the route declares it, else as request and served answer show it. */
export function taskOf(exchange: Exchange, asked = askedIn(exchange)): TaskFacts {
  return taskFacts(exchange.task, exchange.served.answer, asked?.facts ?? null)
}

export function taskFacts(declared: Task | null, served: Answer | null, asked: RequestFacts | null): TaskFacts {
  const task = declared ?? guess(served, asked)
  // A call is the answer of a tool task: its text, if there is any, need not be JSON.
  return { task, jsonExpected: task === 'json' || asked?.jsonExpected === true, schema: asked?.schema ?? null }
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

/** What a request says of itself; `tier`: `metadata.tier` of its body. */
export type Asked = { facts: RequestFacts; tier: string | null }

/** Null where the body was not kept, is cut or is not JSON. */
export function askedIn({ dialect, request: { body } }: Exchange): Asked | null {
  if (body.data === null || body.truncated) return null
  try {
    const request = JSON.parse(Buffer.from(body.data, body.encoding).toString('utf8')) as Json
    return { facts: readRequest(dialect, request), tier: text(field(field(request, 'metadata'), 'tier')) }
  } catch {
    return null
  }
}
