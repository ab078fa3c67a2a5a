import {
  type Losses,
  type Part,
  type ToolCallPart,
  type ToolResultPart,
  type Turn,
  untranslatable,
} from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { isObject, isTooDeep, parseJson } from '../json.ts'
import { losesNumbers } from '../numbers.ts'
import { mergeResults, pairTools } from '../tool-pairs.ts'

/** Turns as messages: results of one assistant turn in one user message and first in it, no empty text. */
export function writeTurns(turns: Turn[], losses: Losses): JsonObject[] {
  const filled: Turn[] = []
  for (const turn of pairTools(turns, losses)) {
    const parts = withoutBlanks(turn.parts, losses)
    if (parts.length === 0) reportBlanks(losses)
    else filled.push(parts === turn.parts ? turn : { ...turn, parts })
  }
  return mergeResults(asPrefill(withOpening(filled, losses), losses)).map((turn) => ({
    role: turn.role,
    content: writeContent(turn.parts, losses),
  }))
}

/** The first message must be the user's. */
function withOpening(turns: Turn[], losses: Losses): Turn[] {
  if (turns[0]?.role !== 'assistant') return turns
  losses.add({
    parameter: 'messages.opening',
    kind: 'emulated',
    severity: 'minor',
    detail: 'a conversation may not begin with the assistant: a word of the user without meaning stands before it',
  })
  return [{ role: 'user', parts: [{ type: 'text', text: '(The assistant speaks first.)' }] }, ...turns]
}

/** A last assistant turn is gone on from here, and may not end in blanks. */
function asPrefill(turns: Turn[], losses: Losses): Turn[] {
  const last = turns.at(-1)
  const ending = last?.parts.at(-1)
  if (last?.role !== 'assistant' || ending === undefined) return turns
  losses.add({
    parameter: 'messages.prefill',
    kind: 'emulated',
    severity: 'material',
    detail: 'the last assistant message is the beginning of the answer, not a turn before it',
  })
  if (ending.type !== 'text') return turns
  const trimmed: Part = { type: 'text', text: ending.text.trimEnd() }
  return [...turns.slice(0, -1), { ...last, parts: [...last.parts.slice(0, -1), trimmed] }]
}

/** The same list where nothing is blank. */
function withoutBlanks<Kind extends Part>(parts: Kind[], losses: Losses): Kind[] {
  if (!parts.some(isBlank)) return parts
  if (parts.some((part) => part.type === 'text' && part.text !== '' && isBlank(part))) reportBlanks(losses)
  return parts.filter((part) => !isBlank(part))
}

function reportBlanks(losses: Losses): void {
  losses.add({
    parameter: 'messages.empty',
    kind: 'dropped',
    severity: 'minor',
    detail: 'text of blanks only is refused, and so is a message without content',
  })
}

const ink = /\S/

function isBlank(part: Part): boolean {
  return part.type === 'text' && !ink.test(part.text)
}

function writeContent(parts: Part[], losses: Losses): Json {
  const [first] = parts
  if (parts.length === 1 && first?.type === 'text') return first.text
  const blocks: JsonObject[] = []
  for (const part of parts) if (part.type === 'tool_result') blocks.push(writeBlock(part, losses))
  for (const part of parts) if (part.type !== 'tool_result') blocks.push(writeBlock(part, losses))
  return blocks
}

function writeBlock(part: Part, losses: Losses): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'tool_call') return writeCall(part, losses)
  if (part.type === 'tool_result') return writeResult(part, losses)
  if (part.type === 'document') {
    const source: JsonObject =
      'url' in part.source
        ? { type: 'url', url: part.source.url }
        : { type: 'base64', media_type: 'application/pdf', data: part.source.data }
    return part.name === null ? { type: 'document', source } : { type: 'document', source, title: part.name }
  }
  if (part.detail !== null) {
    losses.add({
      parameter: 'messages.image_url.detail',
      kind: 'dropped',
      severity: 'minor',
      detail: 'the resolution an image is read at cannot be asked for',
    })
  }
  return {
    type: 'image',
    source:
      'url' in part.source
        ? { type: 'url', url: part.source.url }
        : { type: 'base64', media_type: part.source.mediaType, data: part.source.data },
  }
}

function writeCall(part: ToolCallPart, losses: Losses): JsonObject {
  return { type: 'tool_use', id: part.id, name: part.name, input: writeInput(part.argumentsText, losses) }
}

function writeInput(argumentsText: string, losses: Losses): JsonObject {
  if (argumentsText.trim() === '') return {}
  if (losesNumbers(argumentsText)) reportArguments('a whole number above 2^53 was rounded', losses)
  const value = parseJson(argumentsText)
  if (isObject(value)) return isTooDeep(value) ? untranslatable('the arguments of a tool call nest too deep') : value
  reportArguments('arguments that are no JSON object stand in one as text', losses)
  return { raw_arguments: argumentsText }
}

function reportArguments(detail: string, losses: Losses): void {
  losses.add({ parameter: 'messages.tool_calls.arguments', kind: 'emulated', severity: 'material', detail })
}

function writeResult(part: ToolResultPart, losses: Losses): JsonObject {
  const content = withoutBlanks(part.content, losses)
  return {
    type: 'tool_result',
    tool_use_id: part.callId,
    ...(content.length === 0 ? {} : { content: writeContent(content, losses) }),
    ...(part.isError ? { is_error: true } : {}),
  }
}
