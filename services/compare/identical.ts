import { type Answer } from '../../shared/contracts/answer.ts'

/**
 * Does the user or client get the same: text, refusal, tool calls in order and how it ended? Ids of calls, the provider's
 * own word for the end, and thinking are left out.
 */
export function isIdentical(served: Answer, arm: Answer): boolean {
  return (
    served.outcome === arm.outcome &&
    served.text === arm.text &&
    served.refusalText === arm.refusalText &&
    served.toolCalls.length === arm.toolCalls.length &&
    served.toolCalls.every(({ name, argumentsText }, at) => {
      const other = arm.toolCalls[at]!
      return name === other.name && argumentsText === other.argumentsText
    })
  )
}
