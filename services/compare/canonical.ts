import { type Answer } from '../../shared/contracts/answer.ts'

/**
 * What of an answer reaches the user, as one string: text, refusal, tool calls in order and how it ended. Ids of calls,
 * the provider's own word for the end, and thinking are left out.
 */
export function canonical({ text, refusalText, toolCalls, outcome }: Answer): string {
  return JSON.stringify([outcome, text, refusalText, toolCalls.map((call) => [call.name, call.argumentsText])])
}
