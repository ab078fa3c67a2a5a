import { type Answer, type ToolCall } from '../../../shared/contracts/answer.ts'
import { type Chunk } from '../../../shared/contracts/exchange.ts'
import { type ShownAnswer, type ShownText } from '../../../shared/contracts/exchange-view.ts'

/** Of one text, in UTF-16 units: a browser has to draw it. */
export const mostChars = 1_000_000
export const mostChunks = 20_000

export function shownText(text: string): ShownText {
  return { text: beginningOf(text), chars: text.length, cut: text.length > mostChars }
}

/** Never half of a character. */
function beginningOf(text: string): string {
  if (text.length <= mostChars) return text
  const isPair = /[\ud800-\udbff]/.test(text.charAt(mostChars - 1))
  return text.slice(0, isPair ? mostChars - 1 : mostChars)
}

export function shownAnswer(answer: Answer): ShownAnswer {
  const { text, thinkingText, refusalText, toolCalls, serverToolCalls } = answer
  return {
    ...answer,
    text: shownText(text),
    thinkingText: shownText(thinkingText),
    refusalText: refusalText === null ? null : shownText(refusalText),
    toolCalls: toolCalls.map(shownCall),
    serverToolCalls: serverToolCalls.map(shownCall),
  }
}

const shownCall = (call: ToolCall) => ({ ...call, argumentsText: shownText(call.argumentsText) })

export function chunksOf(offsetsMs: readonly number[], sizesBytes: readonly number[]): Chunk[] {
  return offsetsMs.slice(0, mostChunks).map((offsetMs, index) => ({ offsetMs, sizeBytes: sizesBytes[index] ?? 0 }))
}
