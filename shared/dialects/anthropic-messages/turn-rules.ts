import { type Losses } from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, list, text } from '../json.ts'

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
