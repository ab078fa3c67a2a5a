import { type ToolCall } from '../../contracts/answer.ts'
import { type Json } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { field, list, text, word, writeJson } from '../json.ts'

/** What the items of an answer say. `declared`: names of the tools as the answer repeats them; null where it does not. */
export function readOutput(items: Json[], declared: Set<string> | null, draft: DraftAnswer): void {
  const messages = items.filter((item) => typeOf(item) === 'message')
  draft.details.messages = messages.map((item) => ({
    phase: word(field(item, 'phase')),
    text: list(field(item, 'content'))
      .map((part) => text(field(part, 'text')) ?? '')
      .join(''),
  }))
  // Commentary is said on the way; it is the answer only where nothing else is.
  const answers = messages.filter((item) => field(item, 'phase') !== 'commentary')
  for (const item of answers.length > 0 ? answers : messages) {
    for (const part of list(field(item, 'content'))) readPart(part, draft)
  }
  draft.thinkingText.push(items.flatMap(thoughtsOf).join('\n\n'))
  for (const item of items) readCall(item, declared, draft)
}

export function toolNamesOf(tools: Json[]): string[] {
  return tools.flatMap((tool) => [
    ...(word(field(tool, 'name')) === null ? [] : [word(field(tool, 'name'))!]),
    // A namespace holds tools of its own.
    ...list(field(tool, 'tools')).flatMap((each) => word(field(each, 'name')) ?? []),
  ])
}

function typeOf(item: Json): string {
  return word(field(item, 'type')) ?? 'none'
}

function readPart(part: Json, draft: DraftAnswer): void {
  const type = typeOf(part)
  if (type === 'output_text' || type === 'text') draft.text.push(text(field(part, 'text')) ?? '')
  else if (type === 'refusal') draft.refusalText = (draft.refusalText ?? '') + (text(field(part, 'refusal')) ?? '')
  else noteAnomaly(draft, 'unknown_part', type)
}

/** Summaries and open reasoning. What is encrypted stays so. */
function thoughtsOf(item: Json): string[] {
  if (typeOf(item) !== 'reasoning') return []
  const parts = [...list(field(item, 'summary')), ...list(field(item, 'content'))]
  return parts.flatMap((part) => word(field(part, 'text')) ?? [])
}

/** Items that are no call and say nothing to the reader. */
const silent = /^(message|reasoning|compaction|mcp_list_tools|additional_tools|program)$|_output$/

function readCall(item: Json, declared: Set<string> | null, draft: DraftAnswer): void {
  const type = typeOf(item)
  if (silent.test(type)) return
  if (!/_(call|request)$/.test(type)) return noteAnomaly(draft, 'unknown_item', type)
  const name = word(field(item, 'name')) ?? type.replace(/_call$/, '')
  const id = word(field(item, 'call_id'))
  const call: ToolCall = { id: id ?? word(field(item, 'id')), name, argumentsText: argumentsOf(item) }
  const isNamed = type === 'function_call' || type === 'custom_tool_call'
  // Only what the caller is to answer has a handle for the answer; `id` names the item itself.
  if (!isNamed && (id === null || field(item, 'execution') === 'server')) draft.serverToolCalls.push(call)
  else draft.toolCalls.push(call)
  if (isNamed && declared !== null && !declared.has(name)) noteAnomaly(draft, 'undeclared_tool', name)
}

function argumentsOf(item: Json): string {
  const places = ['arguments', 'input', 'action', 'actions', 'operation', 'code', 'queries']
  const said = places.map((place) => field(item, place)).find((value) => value !== undefined && value !== null)
  return said === undefined ? '' : (text(said) ?? writeJson(said))
}
