import { ok } from 'node:assert/strict'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type JsonObject, type Target, type Translation } from '../../../shared/dialects/dialect.ts'
import { translate } from '../../../shared/dialects/dialects.ts'

type Ask = Partial<Target> & { headers?: Record<string, string> }

export const chat = 'openai-chat'
export const messages = 'anthropic-messages'

/** Translates a body, with everything unsaid as for the control of the same dialect. */
export function ask(from: Dialect, body: unknown, { headers = {}, ...target }: Ask = {}): Translation {
  const whole = { dialect: from, model: null, system: null, parameters: {}, ...target }
  return translate(from, { body: JSON.stringify(body), headers }, whole)
}

export type Carried = Extract<Translation, { ok: true }>

export function carried(from: Dialect, body: unknown, to: Ask = {}): Carried {
  const translation = ask(from, body, to)
  ok(translation.ok, JSON.stringify(translation))
  return translation
}

/** `parameter kind severity` of each loss, sorted. */
export function lossesOf(translation: Carried): string[] {
  return translation.losses.map((loss) => `${loss.parameter} ${loss.kind} ${loss.severity}`).toSorted()
}

export function chatBody(more: JsonObject = {}): JsonObject {
  return { model: 'gpt-4.1', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }], ...more }
}

export function messagesBody(more: JsonObject = {}): JsonObject {
  return { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }], ...more }
}

export const weatherTool: JsonObject = {
  type: 'function',
  function: { name: 'weather', description: 'Weather now', parameters: { type: 'object', properties: {} } },
}

export const weatherCall = (id: string, argumentsText = '{"city":"Ulm"}'): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: argumentsText },
})
