import { type Json, type JsonObject } from './dialect.ts'
import { type DraftAnswer } from './draft-answer.ts'
import { type SseEvent } from './sse.ts'

/** How one dialect's answers are read into a draft. One object per answer: it may hold state between events. */
export type AnswerReader = {
  /** One event of a streamed answer. */
  readEvent(event: SseEvent, draft: DraftAnswer): void
  /** The whole answer, not streamed. */
  readBody(body: JsonObject, draft: DraftAnswer): void
  /** The stream is over: what was gathered in pieces goes into the draft. */
  endStream(draft: DraftAnswer): void
  /** What the error object of this dialect says, wherever it was found. */
  readError(error: Json, draft: DraftAnswer): void
}
