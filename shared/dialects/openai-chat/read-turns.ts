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
import { documentFromData, imageFromUrl } from '../media.ts'
import { held, reportUnread } from '../unread.ts'

export type Conversation = { system: string[]; turns: Turn[] }

const inMessage = held(
  'role content name tool_calls tool_call_id function_call refusal reasoning_content reasoning audio',
)
const inCall = held('id type index function')
const inFunction = held('name arguments')
const inText = held('type text refusal')
const inImage = held('type image_url')
const inImageUrl = held('url detail')
const inFilePart = held('type file')
const inFile = held('filename file_data')

/** Messages in canonical turns: what the system says before the conversation stands apart. */
export function readTurns(messages: Json[], losses: Losses): Conversation {
  const system: string[] = []
  const turns: Turn[] = []
  let lastFunctionCall = 0
  for (const message of messages) {
    const role = text(field(message, 'role'))
    reportUnread(message, 'messages', inMessage, losses)
    if (word(field(message, 'name')) !== null && role !== 'function' && role !== 'tool') reportName(losses)
    if (role === 'system' || role === 'developer') {
      const parts = textParts(field(message, 'content'), losses)
      if (turns.length === 0) system.push(...parts.map((part) => part.text))
      else turns.push({ role: 'system', parts })
    } else if (role === 'user') turns.push({ role, parts: userParts(field(message, 'content'), losses) })
    else if (role === 'assistant') {
      if (field(message, 'function_call')) lastFunctionCall++
      turns.push({ role, parts: assistantParts(message, `function_${lastFunctionCall}`, losses) })
    } else if (role === 'tool') turns.push(toolTurn(text(field(message, 'tool_call_id')) ?? '', message, losses))
    else if (role === 'function') turns.push(toolTurn(`function_${lastFunctionCall}`, message, losses))
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

function textParts(content: Json | undefined, losses: Losses): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return list(content).map((part) => {
    reportUnread(part, 'messages.text', inText, losses)
    return { type: 'text', text: text(field(part, 'text')) ?? unknownPart(part) }
  })
}

function unknownPart(part: Json): never {
  return untranslatable(`a content part of type ${JSON.stringify(text(field(part, 'type')))?.slice(0, 40)}`)
}

function userParts(content: Json | undefined, losses: Losses): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return list(content).map((part) => userPart(part, losses))
}

function userPart(part: Json, losses: Losses): Part {
  const type = text(field(part, 'type'))
  if (type === 'text') {
    reportUnread(part, 'messages.text', inText, losses)
    return { type, text: text(field(part, 'text')) ?? '' }
  }
  if (type === 'image_url') {
    reportUnread(part, 'messages.image_url', inImage, losses)
    return imagePart(field(part, 'image_url') ?? null, losses)
  }
  if (type !== 'file') return unknownPart(part)
  reportUnread(part, 'messages.file', inFilePart, losses)
  return filePart(field(part, 'file') ?? null, losses)
}

function imagePart(image: Json, losses: Losses): Part {
  reportUnread(image, 'messages.image_url', inImageUrl, losses)
  return imageFromUrl(text(image) ?? text(field(image, 'url')) ?? '', detailOf(image))
}

export function detailOf(image: Json): string | null {
  const detail = text(field(image, 'detail'))
  return detail === 'auto' ? null : detail
}

function filePart(file: Json, losses: Losses): Part {
  reportUnread(file, 'messages.file', inFile, losses)
  if (word(field(file, 'file_id')) !== null) notReplayable('a file is named by its id at the provider')
  return documentFromData(text(field(file, 'file_data')) ?? '', word(field(file, 'filename')))
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
  const calls = list(field(message, 'tool_calls')).map((call) => callPart(call, losses))
  if (legacy) calls.push(callPart({ id: functionCallId, function: legacy }, losses))
  return [...spoken, ...calls]
}

function saidPart(part: Json, losses: Losses): Part {
  const type = text(field(part, 'type'))
  if (type === 'refusal') return refusalPart(text(field(part, 'refusal')) ?? '', losses)
  if (type !== 'text') return unknownPart(part)
  reportUnread(part, 'messages.text', inText, losses)
  return { type, text: text(field(part, 'text')) ?? '' }
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

function callPart(call: Json, losses: Losses): ToolCallPart {
  const body = field(call, 'function')
  reportUnread(call, 'messages.tool_calls', inCall, losses)
  reportUnread(body, 'messages.tool_calls', inFunction, losses)
  if (body === undefined) untranslatable('a tool call is not a function call')
  return {
    type: 'tool_call',
    id: text(field(call, 'id')) ?? '',
    name: text(field(body, 'name')) ?? '',
    argumentsText: text(field(body, 'arguments')) ?? '',
  }
}

function toolTurn(callId: string, message: Json, losses: Losses): Turn {
  const content = textParts(field(message, 'content'), losses)
  return { role: 'user', parts: [{ type: 'tool_result', callId, content, isError: false }] }
}
