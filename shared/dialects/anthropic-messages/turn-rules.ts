import { type Losses } from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, isObject, list, text } from '../json.ts'

/** System turns go to the end of the system prompt, for models that do not take them where they stand. */
export function hoistSystemTurns(body: JsonObject, losses: Losses): JsonObject {
  const messages = list(field(body, 'messages'))
  const moved = messages.filter((message) => field(message, 'role') === 'system')
  if (moved.length === 0) return body
  losses.add({
    parameter: 'messages.system',
    kind: 'emulated',
    severity: 'material',
    detail: 'a system message within the conversation moved to the system prompt',
  })
  const system = [field(body, 'system'), ...moved.map((message) => field(message, 'content'))].flatMap(asBlocks)
  return { ...body, system, messages: messages.filter((message) => field(message, 'role') !== 'system') }
}

function asBlocks(content: Json | undefined): Json[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : list(content)
}

/** A conversation that ends with the assistant asks the model to go on from there. */
export function dropPrefill(body: JsonObject, losses: Losses): JsonObject {
  const messages = list(field(body, 'messages'))
  const last = messages.findLastIndex((message) => text(field(message, 'role')) !== 'assistant')
  if (last === messages.length - 1 || last === -1) return body
  losses.add({
    parameter: 'messages.prefill',
    kind: 'dropped',
    severity: 'material',
    detail: 'the beginning of the answer, written by the caller, cannot be given',
  })
  return { ...body, messages: messages.slice(0, last + 1) }
}

/** Without what API version 2026-10-21 refuses in the conversation. */
export function tidyTurns(body: JsonObject, losses: Losses): JsonObject {
  const messages = list(field(body, 'messages'))
  const tidied = messages.flatMap((message) => tidyTurn(message, losses))
  return tidied.every((message, at) => message === messages[at]) && tidied.length === messages.length
    ? body
    : { ...body, messages: tidied }
}

function tidyTurn(message: Json, losses: Losses): Json[] {
  const content = field(message, 'content')
  if (!isObject(message) || !Array.isArray(content)) return [message]
  const isSaid = field(message, 'role') === 'assistant'
  const kept = content.filter((block) => !(isSaid && field(block, 'type') === 'document'))
  if (kept.length < content.length) {
    losses.add({
      parameter: 'messages.document',
      kind: 'dropped',
      severity: 'material',
      detail: 'a document that the assistant gave is refused by this version of the API',
    })
  }
  const tidied = isSaid ? kept : kept.map((block) => withoutCitations(block, losses))
  if (tidied.length === 0) return []
  return tidied.length === content.length && tidied.every((block, at) => block === content[at])
    ? [message]
    : [{ ...message, content: tidied }]
}

function withoutCitations(block: Json, losses: Losses): Json {
  if (!isObject(block) || field(block, 'type') !== 'text' || list(field(block, 'citations')).length === 0) return block
  losses.add({
    parameter: 'messages.citations',
    kind: 'dropped',
    severity: 'minor',
    detail: 'citations in what the user says are refused by this version of the API; the text is kept',
  })
  const { citations: _, ...rest } = block
  return rest
}
