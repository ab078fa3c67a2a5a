import { type Answer } from '../../shared/contracts/answer.ts'
import { cut } from './text/cut.ts'

const maxExcerptChars = 600

/** Beginning of what the user or the client got: text, else the refusal, then the tool calls. */
export function excerptOf(answer: Answer | null): string {
  if (answer === null) return ''
  const calls = answer.toolCalls.map((call) => `${call.name}(${call.argumentsText.slice(0, maxExcerptChars)})`)
  return cut(
    [answer.text || (answer.refusalText ?? ''), ...calls].filter((part) => part !== '').join('\n'),
    maxExcerptChars,
  )
}
