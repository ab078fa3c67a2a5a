import { type Effort } from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, list, text } from '../json.ts'

/** Upper ends of what each effort thinks; one budget and its effort turn into each other. */
const budgets = new Map<Json, number>([
  ['low', 4_096],
  ['medium', 16_384],
  ['high', 24_576],
])

export function budgetOf(effort: Json): number | null {
  return budgets.get(effort) ?? null
}

export function effortOf(budgetTokens: number): Effort {
  if (budgetTokens <= budgets.get('low')!) return 'low'
  return budgetTokens <= budgets.get('medium')! ? 'medium' : 'high'
}

/**
 * Thinking is refused beside sampling, a forced tool or a prefill, and within a tool loop whose thoughts are not there.
 */
export function mayThink(body: JsonObject): boolean {
  const choice = text(field(field(body, 'tool_choice'), 'type'))
  const isForced = choice === 'any' || choice === 'tool'
  const temperature = field(body, 'temperature') ?? 1
  const isSampled = temperature !== 1 || ['top_p', 'top_k'].some((name) => field(body, name) !== undefined)
  const isSaid = field(body, 'thinking') !== undefined
  return !isForced && !isSampled && !isSaid && endsWithWords(list(field(body, 'messages')))
}

function endsWithWords(messages: Json[]): boolean {
  const last = messages.at(-1)
  const content = list(field(last, 'content'))
  return field(last, 'role') === 'user' && !content.some((block) => field(block, 'type') === 'tool_result')
}
