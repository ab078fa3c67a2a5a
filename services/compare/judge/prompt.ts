import { randomBytes } from 'node:crypto'
import { type Conversation } from '../../../shared/dialects/conversation.ts'
import { instructionOf, mostAnswerChars, mostRequestChars } from '../../../shared/judge/template.ts'
import { asData } from './data-text.ts'

/** One question to a judge, but for the marker, which is new for every call. */
export type Question = { rubric: string; request: string; first: string; second: string }
export type Prompt = { system: string; user: string }

/** What both orders of a pair, and control and candidates of an exchange, have in common. */
export type Shown = { request: string; isCut: boolean }

/** The system prompt and as many of the last turns as there is room for; one that is too long by itself is cut. */
export function showRequest({ system, turns }: Conversation): Shown {
  const rules = asData(system, mostRequestChars / 4)
  let room = mostRequestChars - rules.text.length
  const shown: string[] = []
  let isCut = rules.isCut
  for (const turn of turns.toReversed()) {
    const data = asData(turn, Math.max(room, shown.length === 0 ? mostRequestChars / 2 : 0))
    if (shown.length > 0 && data.isCut) break
    isCut ||= data.isCut
    room -= data.text.length
    shown.unshift(data.text)
  }
  const leftOut = turns.length - shown.length
  const note = leftOut === 0 ? [] : [`[… ${leftOut} earlier turns left out …]`]
  const rulesText = rules.text === '' ? [] : [`system: ${rules.text}`]
  return { request: [...rulesText, ...note, ...shown].join('\n\n'), isCut: isCut || leftOut > 0 }
}

export function showAnswer(text: string): { text: string; isCut: boolean } {
  return asData(text, mostAnswerChars)
}

/** Blind: nothing says who wrote which answer, nor which of them was served. */
export function promptOf({ rubric, request, first, second }: Question, newMarker = randomMarker): Prompt {
  const texts = [request, first, second]
  let marker = newMarker()
  while (texts.some((text) => text.includes(marker))) marker = newMarker()
  const part = (name: string, text: string): string =>
    `<<<${name} ${marker}>>>\n${text}\n<<<end of ${name} ${marker}>>>`
  const user = [part('request', request), part('first answer', first), part('second answer', second)].join('\n\n')
  return { system: instructionOf(rubric, marker), user }
}

const randomMarker = (): string => randomBytes(12).toString('hex')
