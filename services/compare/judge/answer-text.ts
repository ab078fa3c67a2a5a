import { type Answer } from '../../../shared/contracts/answer.ts'

/** What the client got, in full: the text, else the refusal, then the tools that were called. */
export function answerText({ text, refusalText, toolCalls }: Answer): string {
  const calls = toolCalls.map(({ name, argumentsText }) => `[calls the tool ${name} with ${argumentsText || '{}'}]`)
  return [text || (refusalText ?? ''), ...calls].filter((part) => part !== '').join('\n')
}
