import { type Dialect } from '../contracts/exchange.ts'
import { type JsonObject } from './dialect.ts'
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
    const isSystem = (at: number) => ['system', 'developer'].includes(text(field(messages[at], 'role')) ?? '')
    let leading = 0
    while (isSystem(leading)) leading++
    const content = fillTemplate(template, messages.slice(0, leading).flatMap(textsOf))
    const role = text(field(messages[0], 'role')) === 'developer' ? 'developer' : 'system'
    const system = content === '' ? [] : [{ role, content }]
    return { ...body, messages: [...system, ...messages.slice(leading)] }
  },
  'anthropic-messages'(body, template) {
    const { system, ...rest } = body
    const filled = fillTemplate(template, system === undefined ? [] : textsOf({ content: system }))
    return filled === '' ? rest : { ...rest, system: filled }
  },
}

function textsOf(message: unknown): string[] {
  const content = field(message, 'content')
  return typeof content === 'string' ? [content] : list(content).map((part) => text(field(part, 'text')) ?? '')
}
