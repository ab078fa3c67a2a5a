import { type Dialect } from '../contracts/exchange.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { untranslatable } from './canonical.ts'
import { field, list, text } from './json.ts'

/** `{{system}}` in the template stands for the recorded prompt. */
export function fillTemplate(template: string, recorded: string[]): string {
  // A function, because a replacement text would have its own meaning of `$`.
  return template.replaceAll('{{system}}', () => recorded.join('\n\n'))
}

/** The body with another system prompt; an empty one is none. */
export const replaceSystem: Record<Dialect, (body: JsonObject, template: string) => JsonObject> = {
  'openai-chat'(body, template) {
    const messages = list(field(body, 'messages'))
    const leading = leadingSystem(messages)
    const content = fillTemplate(template, messages.slice(0, leading).flatMap(textsOf))
    const role = text(field(messages[0], 'role')) === 'developer' ? 'developer' : 'system'
    const system = content === '' ? [] : [{ role, content }]
    return { ...body, messages: [...system, ...messages.slice(leading)] }
  },
  'openai-responses'(body, template) {
    const input = list(field(body, 'input'))
    const leading = leadingSystem(input)
    const { instructions, ...rest } = body
    const recorded = [{ content: instructions ?? '' }, ...input.slice(0, leading)].flatMap(textsOf)
    const filled = fillTemplate(
      template,
      recorded.filter((said) => said !== ''),
    )
    const shorter = leading === 0 ? rest : { ...rest, input: input.slice(leading) }
    return filled === '' ? shorter : { ...shorter, instructions: filled }
  },
  'openai-completions': () => untranslatable('a prompt to be continued has no system prompt to replace'),
  'openai-embeddings': () => untranslatable('embeddings have no system prompt to replace'),
  'anthropic-messages'(body, template) {
    const { system, ...rest } = body
    const filled = fillTemplate(template, system === undefined ? [] : textsOf({ content: system }))
    return filled === '' ? rest : { ...rest, system: filled }
  },
}

/** What the request tells the model before the conversation begins; nothing where the dialect has no such place. */
export function systemTextsOf(dialect: Dialect, body: JsonObject): string[] {
  const turns = dialect === 'openai-responses' ? list(field(body, 'input')) : list(field(body, 'messages'))
  const leading = turns.slice(0, leadingSystem(turns))
  const apart = [field(body, 'system'), field(body, 'instructions')].map((content) => ({ content: content ?? '' }))
  return [...apart, ...leading].flatMap(textsOf).filter((said) => said !== '')
}

/** How many messages of the system stand in front of the conversation. */
function leadingSystem(messages: Json[]): number {
  const first = messages.findIndex((each) => !['system', 'developer'].includes(text(field(each, 'role')) ?? ''))
  return first === -1 ? messages.length : first
}

function textsOf(message: unknown): string[] {
  const content = field(message, 'content')
  return typeof content === 'string' ? [content] : list(content).map((part) => text(field(part, 'text')) ?? '')
}
