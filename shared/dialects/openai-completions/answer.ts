import { type AnswerReader } from '../answer-reader.ts'
import { field } from '../json.ts'
import { createChatReader } from '../openai-chat/answer.ts'

/** Legacy completions: the envelope of chat completions, with a choice's text in the choice itself. */
export function createCompletionsReader(): AnswerReader {
  return createChatReader((choice) => ({ content: field(choice, 'text') ?? null }))
}
