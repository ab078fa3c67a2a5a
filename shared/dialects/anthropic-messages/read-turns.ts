import {
  type DocumentPart,
  type ImagePart,
  type Losses,
  type Part,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
  type Turn,
  untranslatable,
} from '../canonical.ts'
import { type Json } from '../dialect.ts'
import { field, list, text, word, writeJson } from '../json.ts'
import { documentFromUrl, imageFromData, imageFromUrl } from '../media.ts'
import { type Held, held, reportUnread } from '../unread.ts'
import { dropThinking } from './thinking.ts'

const inMessage = held('role content')
const inBlock = new Map<string | null, Held>([
  ['text', held('type text citations cache_control')],
  ['image', held('type source cache_control')],
  ['document', held('type source title citations cache_control')],
  ['tool_use', held('type id name input cache_control')],
  ['tool_result', held('type tool_use_id content is_error cache_control')],
])

const inSource = held('type media_type data url')
const inCitations = held('enabled')

export function readTurns(messages: Json[], losses: Losses): Turn[] {
  return dropThinking(messages, losses).map((message) => {
    const role = text(field(message, 'role'))
    reportUnread(message, 'messages', inMessage, losses)
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      return untranslatable(`a message has the unknown role ${JSON.stringify(role)?.slice(0, 40)}`)
    }
    return { role, parts: readParts(field(message, 'content'), losses) }
  })
}

/** The texts of `system`. */
export function readSystem(system: Json | undefined, losses: Losses): string[] {
  return readBlocks(system, losses).map((block) => {
    reportUnread(block, 'system', inBlock.get('text')!, losses)
    return text(field(block, 'text')) ?? ''
  })
}

function readBlocks(content: Json | undefined, losses: Losses): Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const blocks = list(content)
  if (blocks.some((block) => field(block, 'cache_control'))) reportCacheControl(losses)
  return blocks
}

export function reportCacheControl(losses: Losses): void {
  losses.add({
    parameter: 'cache_control',
    kind: 'dropped',
    severity: 'minor',
    detail: 'prompt caching cannot be asked for; it changes cost and latency, not the answer',
  })
}

function readParts(content: Json | undefined, losses: Losses): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const parts: Part[] = []
  for (const block of readBlocks(content, losses)) {
    const part = readBlock(block, losses)
    if (part !== null) parts.push(part)
  }
  return parts
}

/** Null for a block that says nothing. */
function readBlock(block: Json, losses: Losses): Part | null {
  const type = text(field(block, 'type'))
  if (inBlock.has(type)) reportUnread(block, `messages.${type}`, inBlock.get(type)!, losses)
  if (type === 'text') return readText(block, losses)
  if (type === 'image') return readImage(field(block, 'source') ?? null, losses)
  if (type === 'document') return readDocument(block, losses)
  if (type === 'tool_use') return readCall(block)
  if (type === 'tool_result') return readResult(block, losses)
  // The mark of a hand-over between models, without words of its own.
  if (type === 'fallback') return null
  return untranslatable(`a content block of type ${JSON.stringify(type)?.slice(0, 40)}`)
}

function readText(block: Json, losses: Losses): TextPart {
  if (list(field(block, 'citations')).length > 0) {
    losses.add({
      parameter: 'messages.citations',
      kind: 'dropped',
      severity: 'minor',
      detail: 'the citations of earlier answers; their text is kept',
    })
  }
  return { type: 'text', text: text(field(block, 'text')) ?? '' }
}

function readImage(source: Json, losses: Losses): ImagePart {
  reportUnread(source, 'messages.image', inSource, losses)
  const data = text(field(source, 'data'))
  if (data !== null) return imageFromData(text(field(source, 'media_type')) ?? 'image/png', data)
  return imageFromUrl(text(field(source, 'url')) ?? '')
}

function readDocument(block: Json, losses: Losses): TextPart | DocumentPart {
  const source = field(block, 'source')
  const data = text(field(source, 'data'))
  const name = word(field(block, 'title'))
  reportUnread(source, 'messages.document', inSource, losses)
  reportUnread(field(block, 'citations'), 'messages.document.citations', inCitations, losses)
  if (field(field(block, 'citations'), 'enabled') === true) {
    losses.add({
      parameter: 'messages.document.citations',
      kind: 'dropped',
      severity: 'material',
      detail: 'citations of a document cannot be asked for',
    })
  }
  if (data !== null && field(source, 'type') === 'base64') return { type: 'document', name, source: { data } }
  const url = field(source, 'type') === 'url' ? text(field(source, 'url')) : null
  if (url !== null) return documentFromUrl(url, name)
  if (data === null || field(source, 'type') !== 'text') untranslatable('a document is neither a PDF nor plain text')
  losses.add({
    parameter: 'messages.document',
    kind: 'emulated',
    severity: 'minor',
    detail: 'a plain text document stands in the message as text',
  })
  return { type: 'text', text: name === null ? data : `${name}\n\n${data}` }
}

function readCall(block: Json): ToolCallPart {
  return {
    type: 'tool_call',
    id: text(field(block, 'id')) ?? '',
    name: text(field(block, 'name')) ?? '',
    argumentsText: writeJson(field(block, 'input') ?? {}),
  }
}

function readResult(block: Json, losses: Losses): ToolResultPart {
  const content = readParts(field(block, 'content'), losses)
  const kept = content.filter((part) => part.type !== 'tool_call' && part.type !== 'tool_result')
  if (kept.length < content.length) untranslatable('a tool result holds more than text, images and documents')
  return {
    type: 'tool_result',
    callId: text(field(block, 'tool_use_id')) ?? '',
    content: kept,
    isError: field(block, 'is_error') === true,
  }
}
