import { type Losses, type Part, type TextPart, type ToolResultPart, type Turn, untranslatable } from '../canonical.ts'
import { type Json } from '../dialect.ts'
import { field, list, text, word } from '../json.ts'
import { documentFromData, documentFromUrl, imageFromUrl } from '../media.ts'
import { type Conversation, detailOf } from '../openai-chat/read-turns.ts'
import { type Held, held, reportUnread } from '../unread.ts'
import { typeOf } from './replay.ts'

/** Ids and statuses are the provider's own; reasoning is reported as a whole. */
const inItem = new Map<string, Held>([
  ['message', held('type id status role content')],
  ['function_call', held('type id status call_id name arguments')],
  ['function_call_output', held('type id status call_id output')],
])
const inPart = new Map<string | null, Held>([
  ['input_text', held('type text')],
  ['output_text', held('type text logprobs')],
  ['text', held('type text')],
  ['refusal', held('type refusal')],
  ['input_image', held('type image_url detail')],
  ['input_file', held('type filename file_data file_url')],
])

/** Input items in canonical turns. What the assistant says and calls in a row is one turn of it. */
export function readInput(instructions: string | null, input: Json, losses: Losses): Conversation {
  const system = instructions === null ? [] : [instructions]
  const turns: Turn[] = []
  for (const item of typeof input === 'string' ? [{ role: 'user', content: input }] : list(input)) {
    const turn = readItem(item, losses)
    const last = turns.at(-1)
    if (turn === null) continue
    if (turn.role === 'system' && turns.length === 0) system.push(...turn.parts.flatMap(textOf))
    else if (turn.role === 'assistant' && last?.role === 'assistant') last.parts.push(...turn.parts)
    else turns.push(turn)
  }
  return { system, turns }
}

function textOf(part: Part): string[] {
  return part.type === 'text' ? [part.text] : []
}

function readItem(item: Json, losses: Losses): Turn | null {
  const type = typeOf(item)
  if (inItem.has(type)) reportUnread(item, type === 'message' ? 'input' : `input.${type}`, inItem.get(type)!, losses)
  if (type === 'message') return readMessage(item, losses)
  if (type === 'reasoning') return dropReasoning(losses)
  const callId = text(field(item, 'call_id')) ?? ''
  if (type === 'function_call') {
    const argumentsText = text(field(item, 'arguments')) ?? ''
    const name = text(field(item, 'name')) ?? ''
    return { role: 'assistant', parts: [{ type: 'tool_call', id: callId, name, argumentsText }] }
  }
  if (type !== 'function_call_output') untranslatable('a tool call is not a function call')
  const content = partsOf(field(item, 'output'), losses).map(resultPart)
  return { role: 'user', parts: [{ type: 'tool_result', callId, content, isError: false }] }
}

function dropReasoning(losses: Losses): null {
  losses.add({
    parameter: 'input.reasoning',
    kind: 'dropped',
    severity: 'minor',
    detail: 'the reasoning of another model is never sent on',
  })
  return null
}

function readMessage(item: Json, losses: Losses): Turn {
  const role = text(field(item, 'role'))
  const parts = partsOf(field(item, 'content'), losses)
  if (role === 'user' || role === 'assistant') return { role, parts }
  if (role === 'system' || role === 'developer') return { role: 'system', parts }
  return untranslatable(`a message has the unknown role ${JSON.stringify(role)?.slice(0, 40)}`)
}

function partsOf(content: Json | undefined, losses: Losses): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return list(content).map((part) => readPart(part, losses))
}

function readPart(part: Json, losses: Losses): Part {
  const type = text(field(part, 'type'))
  if (inPart.has(type)) reportUnread(part, `input.${type}`, inPart.get(type)!, losses)
  if (type === 'input_text' || type === 'output_text' || type === 'text') {
    return { type: 'text', text: text(field(part, 'text')) ?? '' }
  }
  if (type === 'refusal') return refusalPart(text(field(part, 'refusal')) ?? '', losses)
  if (type === 'input_image') return imageFromUrl(text(field(part, 'image_url')) ?? '', detailOf(part))
  if (type === 'input_file') return filePart(part)
  return untranslatable(`a content part of type ${JSON.stringify(type)?.slice(0, 40)}`)
}

function refusalPart(refusal: string, losses: Losses): TextPart {
  losses.add({
    parameter: 'input.refusal',
    kind: 'renamed',
    severity: 'minor',
    detail: 'an earlier refusal stands as what the assistant said',
  })
  return { type: 'text', text: refusal }
}

function filePart(part: Json): Part {
  const url = word(field(part, 'file_url'))
  const name = word(field(part, 'filename'))
  return url === null ? documentFromData(text(field(part, 'file_data')) ?? '', name) : documentFromUrl(url, name)
}

function resultPart(part: Part): ToolResultPart['content'][number] {
  return part.type === 'tool_call' || part.type === 'tool_result' ? untranslatable('a tool gave back a call') : part
}
