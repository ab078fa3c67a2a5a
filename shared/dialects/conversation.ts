import { type Dialect } from '../contracts/exchange.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { field, list, text } from './json.ts'
import { type RecordedCall, translate } from './translate.ts'

/** What was said, in plain text: each turn under the name of who spoke, images and files by their kind. */
export type Conversation = { system: string; turns: string[] }

/** A recorded call of any dialect; null where its body cannot be read. */
export function readConversation(dialect: Dialect, call: RecordedCall): Conversation | null {
  const read = translate(dialect, call, {
    // The legacy dialect has no other form.
    dialect: dialect === 'openai-completions' ? dialect : 'openai-chat',
    model: null,
    system: null,
    parameters: {},
  })
  if (!read.ok) return null
  const turns = turnsOf(read.body)
  const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'
  return {
    system: turns
      .filter(isSystem)
      .map(({ said }) => said)
      .join('\n\n'),
    turns: turns.filter((turn) => !isSystem(turn)).map(({ role, said }) => `${role}: ${said}`),
  }
}

type Turn = { role: string; said: string }

function turnsOf(body: JsonObject): Turn[] {
  const prompt = field(body, 'prompt')
  if (prompt !== undefined) return [{ role: 'user', said: partsOf(prompt) }]
  return list(field(body, 'messages')).map((message) => ({
    role: text(field(message, 'role')) ?? 'user',
    said: [partsOf(field(message, 'content')), ...list(field(message, 'tool_calls')).map(callOf)]
      .filter((part) => part !== '')
      .join('\n'),
  }))
}

function partsOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return list(content)
    .map((part) => (typeof part === 'string' ? part : (text(field(part, 'text')) ?? `[${kindOf(part)}]`)))
    .join('\n')
}

const kindOf = (part: Json): string => text(field(part, 'type')) ?? 'content that is not text'

function callOf(call: Json): string {
  const [name, args] = ['name', 'arguments'].map((key) => text(field(field(call, 'function'), key)) ?? '')
  return `[calls the tool ${name} with ${args}]`
}
