import { type Losses, notReplayable } from '../canonical.ts'
import { type Json, type JsonObject, type Target } from '../dialect.ts'
import { field, isObject, list, text, word } from '../json.ts'

/** Items of the input that hold the whole of what they say. All others name, or continue, work done at the provider. */
const plainItems = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
])

/** Calls that must not be made again, whatever the target: they act, or name what only their account can see. */
export function checkResponsesReplayable(body: JsonObject): void {
  if (isSaid(field(body, 'previous_response_id'))) notReplayable('the call continues an earlier response by its id')
  if (isSaid(field(body, 'conversation'))) notReplayable('the call belongs to a conversation kept at the provider')
  if (isSaid(field(body, 'prompt'))) notReplayable('the prompt is named by its id at the provider')
  if (field(body, 'background') === true) notReplayable('the answer is made in the background and fetched later')
  if (!isSaid(field(body, 'input'))) notReplayable('the body has no input')
  for (const tool of list(field(body, 'tools'))) checkTool(tool)
  for (const item of list(field(body, 'input'))) checkItem(item)
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== ''
}

function checkTool(tool: Json): void {
  const type = text(field(tool, 'type')) ?? 'function'
  if (type === 'namespace') return list(field(tool, 'tools')).forEach(checkTool)
  if (type !== 'function' && type !== 'custom') notReplayable(`a tool runs at the provider (${type.slice(0, 40)})`)
}

function checkItem(item: Json): void {
  const isReference = field(item, 'type') === undefined && field(item, 'role') === undefined
  const type = isReference ? 'item_reference' : typeOf(item)
  if (!plainItems.has(type)) notReplayable(`the input holds work done at the provider (${type.slice(0, 40)})`)
  for (const part of [...list(field(item, 'content')), ...list(field(item, 'output'))]) {
    if (word(field(part, 'file_id')) !== null) notReplayable('a file is named by its id at the provider')
  }
}

/** A message need not say that it is one. */
export function typeOf(item: Json): string {
  return text(field(item, 'type')) ?? 'message'
}

/**
 * The body without what only the account that made it can use: reasoning is encrypted for the organisation it was made
 * for, and the ids of items are looked up where they were stored.
 */
export function withoutHandles(body: JsonObject, target: Target, losses: Losses): JsonObject {
  const input = field(body, 'input')
  const asked = target.model === null || target.model === field(body, 'model') ? body : withoutEncrypted(body)
  if (!Array.isArray(input)) return asked
  const kept = input.filter((item) => typeOf(item) !== 'reasoning')
  if (kept.length < input.length) {
    losses.add({
      parameter: 'input.reasoning',
      kind: 'dropped',
      severity: 'minor',
      detail: 'earlier reasoning can be read by the account alone that it was made for',
    })
  }
  return { ...asked, input: kept.map(withoutId) }
}

function withoutId(item: Json): Json {
  if (!isObject(item) || !Object.hasOwn(item, 'id')) return item
  const { id: _, ...rest } = item
  return rest
}

/** Models that do not reason refuse to be asked for their encrypted reasoning, which nobody would read. */
function withoutEncrypted(body: JsonObject): JsonObject {
  const include = field(body, 'include')
  if (!Array.isArray(include)) return body
  const { include: _, ...rest } = body
  const kept = include.filter((each) => each !== 'reasoning.encrypted_content')
  return kept.length === 0 ? rest : { ...rest, include: kept }
}

/** A replayed call is never kept by the provider, which would keep it if nothing were said. */
export function prepareResponsesReplay(body: JsonObject, losses: Losses): JsonObject {
  if (field(body, 'store') === false) return body
  if (field(body, 'store') === true) {
    losses.add({ parameter: 'store', kind: 'dropped', severity: 'minor', detail: 'a replay is not stored' })
  }
  return { ...body, store: false }
}
