import { type Json, type JsonObject } from './dialect.ts'
import { field, isObject, list, text, word } from './json.ts'

/** What a request gives the model to answer from, in any dialect. */
export type Given = {
  /** Every text of the conversation, system prompt and results of tools included. */
  texts: string[]
  /** Results of tools, documents or search results are among them. */
  hasDocuments: boolean
}

const parts = ['system', 'instructions', 'messages', 'input', 'prompt']
/** Members whose strings are said to the model; others hold ids, types, addresses and files. */
const said = new Set(['content', 'text', 'output', 'arguments', 'title', 'context', 'system', 'instructions', 'prompt'])
const documentTypes = /^(?:tool_result|(?:function|custom_tool)_call_output|document|search_result|input_file|file)$/
const maxDepth = 64

/** Odd shapes give nothing, never an error. */
export function readGiven(body: unknown): Given {
  const given: Given = { texts: [], hasDocuments: false }
  for (const name of parts) collect(field(body, name), name === 'input' ? 'content' : name, given, 0)
  return given
}

function collect(value: Json | undefined, name: string, given: Given, depth: number): void {
  if (typeof value === 'string') {
    if (said.has(name) && value !== '') given.texts.push(value)
    return
  }
  if (depth >= maxDepth || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, name, given, depth + 1)
    return
  }
  given.hasDocuments ||= isDocument(value)
  for (const [key, member] of Object.entries(value)) {
    // What a tool was called with, and documents that are text.
    if (key === 'input' && isObject(member)) given.texts.push(JSON.stringify(member))
    else if (key === 'source' && isObject(member)) collectSource(member, given, depth)
    else collect(member, key, given, depth + 1)
  }
}

function collectSource(source: JsonObject, given: Given, depth: number): void {
  if (source['type'] === 'text') collect(source['data'], 'text', given, depth + 1)
  else collect(source['content'], 'content', given, depth + 1)
}

function isDocument(block: JsonObject): boolean {
  const role = text(block['role'])
  return role === 'tool' || role === 'function' || documentTypes.test(text(block['type']) ?? '')
}

/** Name of each tool on offer → the JSON Schema of its arguments; null where it has none. */
export function readToolSchemas(body: unknown): Map<string, JsonObject | null> {
  const tools = [...list(field(body, 'tools')), ...list(field(body, 'functions'))]
  return new Map(
    tools.flatMap((tool): [string, JsonObject | null][] => {
      const own = field(tool, 'function') ?? tool
      const name = word(field(own, 'name'))
      const schema = field(own, 'parameters') ?? field(own, 'input_schema')
      return name === null ? [] : [[name, isObject(schema) ? schema : null]]
    }),
  )
}
