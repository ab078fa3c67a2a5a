import jsonPatch from 'fast-json-patch'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type AnswerPatch, type PatchOperation } from '../../../shared/contracts/exchange-view.ts'
import { mostChars } from './shown-answer.ts'

const mostOperations = 500

/** What leads from the served document to the arm's; null where there are not two of them. */
export function patchBetween(served: Answer, arm: Answer): AnswerPatch | null {
  if (served.toolCalls.length > 0 && arm.toolCalls.length > 0) return patchOf('tools', callsOf(served), callsOf(arm))
  const [before, after] = [documentIn(served.text), documentIn(arm.text)]
  return before === null || after === null ? null : patchOf('text', before, after)
}

function patchOf(of: AnswerPatch['of'], before: object, after: object): AnswerPatch {
  const all = jsonPatch.compare(before, after)
  const operations = all.slice(0, mostOperations).map((operation): PatchOperation => {
    const { op, path } = operation
    const was = op === 'add' ? {} : { served: jsonPatch.getValueByPointer(before, path) as PatchOperation['served'] }
    return { op: op as PatchOperation['op'], path, ...('value' in operation && { value: operation.value }), ...was }
  })
  return { of, operations, cut: all.length > operations.length }
}

const callsOf = ({ toolCalls }: Answer) =>
  toolCalls.map(({ name, argumentsText }) => ({ name, arguments: jsonIn(argumentsText) ?? argumentsText }))

/** The object or list that a text is, also between fences. */
function documentIn(text: string): object | null {
  if (text.length > mostChars) return null
  const [, inside] = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/i.exec(text) ?? []
  const value = jsonIn(inside ?? text)
  return typeof value === 'object' ? value : null
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
