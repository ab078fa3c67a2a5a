import { type Dialect } from '../contracts/exchange.ts'
import { type Loss } from '../contracts/observation.ts'
import { type Json, type JsonObject } from '../dialects/dialect.ts'

export type Uncached = { body: JsonObject; losses: Loss[] }

/**
 * A request that finds none of its prompt in a provider's cache. Anthropic caches only what is marked for it, so the marks
 * are taken away. OpenAI and servers like it cache every long prompt by how it begins, so a line of its own stands first;
 * tool definitions come before it and may stay cached.
 */
export function withoutPromptCache(dialect: Dialect, body: JsonObject, marker: string): Uncached {
  if (dialect === 'anthropic-messages') return withoutMarks(body)
  const marked = markers[dialect]?.(body, `[request ${marker}]\n`) ?? null
  if (marked === null) return { body, losses: [] }
  const detail = `[request ${marker}] stands first in the prompt, so that none of it is found in a cache`
  return { body: marked, losses: [{ parameter: 'prompt_cache', kind: 'emulated', severity: 'minor', detail }] }
}

function withoutMarks(body: JsonObject): Uncached {
  let marks = 0
  const without = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(without)
    if (typeof value !== 'object' || value === null) return value
    // What a tool was called with, or describes, is the app's own.
    const own = ['input', 'input_schema']
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, part]) => {
        if (name === 'cache_control') marks += 1
        return name === 'cache_control' ? [] : [[name, own.includes(name) ? part : without(part)]]
      }),
    )
  }
  const bare = without(body) as JsonObject
  if (marks === 0) return { body, losses: [] }
  const detail = `${marks} marks are left out, so that nothing is cached`
  return { body: bare, losses: [{ parameter: 'cache_control', kind: 'dropped', severity: 'minor', detail }] }
}

/** Null: there is nothing that a line could be put in front of without becoming another request. */
const markers: Partial<Record<Dialect, (body: JsonObject, line: string) => JsonObject | null>> = {
  'openai-chat'(body, line) {
    const messages = body['messages']
    const first = Array.isArray(messages) ? messages[0] : undefined
    if (!Array.isArray(messages) || !isObject(first)) return null
    const content = inFrontOf(first['content'], { type: 'text', text: line })
    return content === null ? null : { ...body, messages: [{ ...first, content }, ...messages.slice(1)] }
  },
  'openai-responses': (body, line) => {
    const { instructions } = body
    return { ...body, instructions: line + (typeof instructions === 'string' ? instructions : '') }
  },
}

function inFrontOf(content: Json | undefined, line: { type: string; text: string }): Json | null {
  if (typeof content === 'string') return line.text + content
  return Array.isArray(content) ? [line, ...content] : null
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
