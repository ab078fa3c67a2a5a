import { type Losses } from '../canonical.ts'
import { type Json, type JsonObject, type Target } from '../dialect.ts'
import { field, isObject, list, text, word, writeJson } from '../json.ts'
import { bareModel, checksThinkingPrefix } from '../model-rules.ts'

const thinkingTypes = new Set(['thinking', 'redacted_thinking'])

export function isThinking(block: Json): boolean {
  return thinkingTypes.has(text(field(block, 'type')) ?? '')
}

/** The messages without thinking blocks, which are signed and tied to their model and to all that stood before them. */
export function dropThinking(messages: Json[], losses: Losses): Json[] {
  if (!messages.some((message) => list(field(message, 'content')).some(isThinking))) return messages
  const lastWords = messages.findLastIndex(isUserSpeaking)
  return messages.flatMap((message, at) => {
    const content = list(field(message, 'content'))
    if (!isObject(message) || !content.some(isThinking)) return [message]
    losses.add({
      parameter: 'messages.thinking',
      kind: 'dropped',
      // Within an open tool loop the model would have gone on from these thoughts; older ones hardly matter.
      severity: at > lastWords ? 'material' : 'minor',
      detail: 'thinking blocks are valid for the model and the exact conversation they came from only',
    })
    const rest = content.filter((block) => !isThinking(block))
    const kept: JsonObject = { ...message, content: rest }
    return rest.length === 0 ? [] : [kept]
  })
}

/** Results of tools alone are no words of the user. */
export function isUserSpeaking(message: Json): boolean {
  if (field(message, 'role') !== 'user') return false
  const content = field(message, 'content')
  return typeof content === 'string' || list(content).some((block) => field(block, 'type') !== 'tool_result')
}

/** What redaction leaves in place of a value, such as `[EMAIL_1]`. */
const redacted = /\[[A-Z][A-Z_]*_\d+\]/

/**
 * Keeps the thinking blocks only where the provider will take them: sent back to their own model, themselves unchanged
 * by redaction and, for models that check it, with an unchanged conversation before them.
 */
export function keepValidThinking(body: JsonObject, target: Target, losses: Losses): JsonObject {
  const messages = list(field(body, 'messages'))
  const blocks = messages.flatMap((message) => list(field(message, 'content'))).filter(isThinking)
  if (blocks.length === 0) return body
  const model = word(field(body, 'model')) ?? ''
  const isOwn = target.model === null || target.model === model
  const isChanged = target.system !== null || redacted.test(writeJson(body))
  const isBroken = blocks.some((block) => redacted.test(writeJson(block)))
  const isValid = isOwn && !isBroken && !(isChanged && checksThinkingPrefix.test(bareModel(model)))
  return isValid ? body : { ...body, messages: dropThinking(messages, losses) }
}
