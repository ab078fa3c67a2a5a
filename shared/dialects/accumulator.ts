import { type Answer } from '../contracts/answer.ts'
import { type AnswerReader } from './answer-reader.ts'
import { type Accumulator } from './dialect.ts'
import { draftAnswer, finishAnswer, noteAnomaly } from './draft-answer.ts'
import { field, isObject, parseJson } from './json.ts'
import { createSseDecoder } from './sse.ts'

type Form = 'stream' | 'json'

/**
 * Reads one answer in the form its first byte shows: no event stream begins with a brace, no JSON body with a letter of
 * `data`. The content type only settles what the bytes leave open, because gateways label errors wrongly.
 */
export function accumulate(reader: AnswerReader, status: number, contentType: string | null): Accumulator {
  const labelled: Form | null = contentType === null ? null : contentType.includes('event-stream') ? 'stream' : 'json'
  const isFailure = status < 200 || status > 299
  const draft = draftAnswer()
  const decoder = createSseDecoder()
  const held: Uint8Array[] = []
  let form: Form | null = null
  let answer: Answer | null = null

  function push(bytes: Uint8Array): number {
    if (answer !== null || bytes.length === 0) return 0
    if (form === 'stream') return readEvents(bytes)
    held.push(bytes.slice())
    if (form === 'json') return 0
    form = formOf(bytes)
    if (form !== 'stream') return 0
    return held.splice(0).reduce((events, piece) => events + readEvents(piece), 0)
  }

  function readEvents(bytes: Uint8Array): number {
    const events = decoder.push(bytes)
    for (const event of events) reader.readEvent(event, draft)
    return events.length
  }

  function end(): Answer {
    if (answer !== null) return answer
    form ??= labelled ?? 'json'
    if (labelled !== null && labelled !== form) noteAnomaly(draft, 'content_type_mismatch')
    if (form === 'stream') endStream()
    else endJson()
    if (isFailure) draft.error ??= { type: null, code: null, message: `HTTP status ${status}` }
    answer = finishAnswer(draft)
    return answer
  }

  function endStream(): void {
    for (const event of decoder.end()) reader.readEvent(event, draft)
    reader.endStream(draft)
  }

  function endJson(): void {
    const body = parseJson(new TextDecoder().decode(Buffer.concat(held)))
    held.length = 0
    if (!isObject(body)) {
      noteAnomaly(draft, 'body_not_json')
      draft.error = { type: null, code: null, message: 'the answer body is not a JSON object' }
      return
    }
    draft.complete = true
    const error = field(body, 'error')
    if (error !== undefined && error !== null) reader.readError(error, draft)
    // Some compatible servers put the words of an error at the top of the body.
    else if (isFailure) reader.readError(body, draft)
    else reader.readBody(body, draft)
  }

  return { push, end, details: () => draft.details }
}

/** Null while only blanks and a byte order mark have been seen. */
function formOf(bytes: Uint8Array): Form | null {
  for (const byte of bytes) {
    if ([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte)) continue
    return byte === 0x7b || byte === 0x5b ? 'json' : isStreamStart(byte) ? 'stream' : 'json'
  }
  return null
}

/** A field name of an event (`data`, `event`, `id`, `retry`) or a comment. */
function isStreamStart(byte: number): boolean {
  return 'deir:'.includes(String.fromCharCode(byte))
}
