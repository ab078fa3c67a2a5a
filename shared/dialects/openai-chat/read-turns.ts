import {
  type Losses,
  type Part,
  type TextPart,
  type ToolCallPart,
  type Turn,
  notReplayable,
  untranslatable,
} from '../canonical.ts'
import { type Json } from '../dialect.ts'
import { field, list, text, word } from '../json.ts'
import { imageFromUrl, parseDataUrl } from '../media.ts'

export type Conversation = { system: string[]; turns: Turn[] }

/** Messages in canonical turns: what the system says before the conversation stands apart. */
export function readTurns(messages: Json[], losses: Losses): Conversation {
  const system: string[] = []
  const turns: Turn[] = []
  let lastFunctionCall = 0
  for (const message of messages) {
    const role = text(field(message, 'role'))
    if (word(field(message, 'name')) !== null && role !== 'function' && role !== 'tool') reportName(losses)
    if (role === 'system' || role === 'developer') {
      const parts = textParts(field(message, 'content'))
      if (turns.length === 0) system.push(...parts.map((part) => part.text))
      else turns.push({ role: 'system', parts })
    } else if (role === 'user') turns.push({ role, parts: userParts(field(message, 'content')) })
    else if (role === 'assistant') {
      if (field(message, 'function_call')) lastFunctionCall++
      turns.push({ role, parts: assistantParts(message, `function_${lastFunctionCall}`, losses) })
    } else if (role === 'tool') turns.push(toolTurn(text(field(message, 'tool_call_id')) ?? '', message))
    else if (role === 'function') turns.push(toolTurn(`function_${lastFunctionCall}`, message))
    else untranslatable(`a message has the unknown role ${JSON.stringify(role)?.slice(0, 40)}`)
  }
  return { system, turns }
}

function reportName(losses: Losses): void {
  losses.add({
    parameter: 'messages.name',
    kind: 'dropped',
    severity: 'material',
    detail: 'messages cannot carry the name of their author',
  })
}

function textParts(content: Json | undefined): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return list(content).map((part) => ({ type: 'text', text: text(field(part, 'text')) ?? unknownPart(part) }))
}

function unknownPart(part: Json): never {
  return untranslatable(`a content part of type ${JSON.stringify(text(field(part, 'type')))?.slice(0, 40)}`)
}

function userParts(content: Json | undefined): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return list(content).map(userPart)
}

function userPart(part: Json): Part {
  const type = text(field(part, 'type'))
  if (type === 'text') return { type, text: text(field(part, 'text')) ?? '' }
  if (type === 'image_url') return imagePart(field(part, 'image_url') ?? null)
  if (type === 'file') return filePart(field(part, 'file') ?? null)
  return unknownPart(part)
}

function imagePart(image: Json): Part {
  return imageFromUrl(text(image) ?? text(field(image, 'url')) ?? '', detailOf(image))
}

export function detailOf(image: Json): string | null {
  const detail = text(field(image, 'detail'))
  return detail === 'auto' ? null : detail
}

function filePart(file: Json): Part {
  if (word(field(file, 'file_id')) !== null) notReplayable('a file is named by its id at the provider')
  const { mediaType, data } = parseDataUrl(text(field(file, 'file_data')) ?? '')
  if (mediaType !== 'application/pdf') untranslatable('a file is not a PDF')
  return { type: 'document', name: word(field(file, 'filename')), data }
}

function assistantParts(message: Json, functionCallId: string, losses: Losses): Part[] {
  const content = field(message, 'content')
  const spoken: Part[] =
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : list(content).map((part) => saidPart(part, losses))
  const refusal = word(field(message, 'refusal'))
  if (refusal !== null) spoken.push(refusalPart(refusal, losses))
  if (word(field(message, 'reasoning_content')) ?? word(field(message, 'reasoning'))) reportReasoning(losses)
  const legacy = field(message, 'function_call')
  const calls = list(field(message, 'tool_calls')).map((call) => callPart(call))
  if (legacy) calls.push(callPart({ id: functionCallId, function: legacy }))
  return [...spoken, ...calls]
}

function saidPart(part: Json, losses: Losses): Part {
  const type = text(field(part, 'type'))
  if (type === 'refusal') return refusalPart(text(field(part, 'refusal')) ?? '', losses)
  return type === 'text' ? { type, text: text(field(part, 'text')) ?? '' } : unknownPart(part)
}

function refusalPart(refusal: string, losses: Losses): TextPart {
  losses.add({
    parameter: 'messages.refusal',
    kind: 'renamed',
    severity: 'minor',
    detail: 'an earlier refusal stands as what the assistant said',
  })
  return { type: 'text', text: refusal }
}

function reportReasoning(losses: Losses): void {
  losses.add({
    parameter: 'messages.reasoning_content',
    kind: 'dropped',
    severity: 'minor',
    detail: 'the reasoning of another model is never sent on',
  })
}

function callPart(call: Json): ToolCallPart {
  const body = field(call, 'function')
  if (body === undefined) untranslatable('a tool call is not a function call')
  return {
    type: 'tool_call',
    id: text(field(call, 'id')) ?? '',
    name: text(field(body, 'name')) ?? '',
    argumentsText: text(field(body, 'arguments')) ?? '',
  }
}

function toolTurn(callId: string, message: Json): Turn {
  const content = textParts(field(message, 'content'))
  return { role: 'user', parts: [{ type: 'tool_result', callId, content, isError: false }] }
}
