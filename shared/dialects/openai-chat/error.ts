import { type Json } from '../dialect.ts'
import { type DraftAnswer } from '../draft-answer.ts'
import { field, text, word } from '../json.ts'

/** The error object of every OpenAI endpoint. Some compatible servers write a text, or a number for the code. */
export function readError(error: Json, draft: DraftAnswer): void {
  const code = field(error, 'code')
  const type = word(field(error, 'type'))
  draft.error = {
    // An event of this name may hold the words of the error itself.
    type: type === 'error' ? null : type,
    code: typeof code === 'number' ? String(code) : word(code),
    message: text(error) ?? text(field(error, 'message')),
  }
}
