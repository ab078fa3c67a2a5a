import { type Losses } from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, isObject, list, text } from '../json.ts'
import { isThinking, isUserSpeaking } from './thinking.ts'

const smallestBudgetTokens = 1_024
/** Below it sampling is refused beside thinking. */
const smallestTopP = 0.95

/**
 * Thinking for a budget (`enabled`) goes with less than thinking as the model sees fit. What translation took away (thoughts
 * of an open tool loop, tokens of the limit) or asked for instead may make it impossible; a recorded call that is only sent
 * on never does.
 */
export function keepThinkingPossible(body: JsonObject, losses: Losses): JsonObject {
  const thinking = field(body, 'thinking')
  const budget = field(thinking, 'budget_tokens')
  if (!isObject(thinking) || typeof budget !== 'number') return body
  const isTouched = losses
    .list()
    .some(({ parameter }) => ['messages.thinking', 'thinking', 'max_tokens'].includes(parameter))
  if (!isTouched) return body
  const fitting = fittingBudget(budget, field(body, 'max_tokens'))
  if (fitting === null || refusesThinking(body)) {
    const { thinking: _, ...rest } = body
    losses.add({
      parameter: 'thinking',
      kind: 'dropped',
      severity: 'minor',
      detail: 'the model refuses to think for a budget beside what else the call asks for',
    })
    return rest
  }
  if (fitting === budget) return body
  losses.add({ parameter: 'thinking', kind: 'clamped', severity: 'minor', detail: `may think for ${fitting} tokens` })
  return { ...body, thinking: { ...thinking, budget_tokens: fitting } }
}

/** The budget lies within the limit and leaves room for an answer. */
function fittingBudget(budget: number, limit: Json | undefined): number | null {
  if (typeof limit !== 'number' || budget < limit) return budget
  const half = Math.floor(limit / 2)
  return half < smallestBudgetTokens ? null : half
}

function refusesThinking(body: JsonObject): boolean {
  const choice = text(field(field(body, 'tool_choice'), 'type'))
  const topP = field(body, 'top_p') ?? 1
  const isSampled =
    (field(body, 'temperature') ?? 1) !== 1 ||
    (typeof topP === 'number' && topP < smallestTopP) ||
    field(body, 'top_k') !== undefined
  return choice === 'any' || choice === 'tool' || isSampled || endsThoughtless(list(field(body, 'messages')))
}

/** A prefill, or a tool loop that is still open and does not begin with the thoughts that led to it. */
function endsThoughtless(messages: Json[]): boolean {
  if (field(messages.at(-1), 'role') === 'assistant') return true
  const open = messages.slice(messages.findLastIndex(isUserSpeaking) + 1)
  const last = open.findLast((message) => field(message, 'role') === 'assistant')
  return last !== undefined && !isThinking(list(field(last, 'content'))[0] ?? null)
}
