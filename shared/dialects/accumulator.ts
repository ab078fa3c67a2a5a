import { type Answer } from '../contracts/answer.ts'
import { type AnswerReader } from './answer-reader.ts'
import { type Accumulator, type JsonObject } from './dialect.ts'
import { type DraftAnswer, draftAnswer, finishAnswer, noteAnomaly } from './draft-answer.ts'
import { field, isObject, parseJson } from './json.ts'
import { createSseDecoder } from './sse.ts'

type Form = 'stream' | 'json'

/**
 * Reads one answer in the form its first byte shows: no event stream begins with a brace, no JSON body with a letter of
 * `data`. The content type only settles what the bytes leave open, because gateways label errors wrongly.
 */
export function accumulate(reader: AnswerReader, status: number, contentType: string | null): Accumulator {
  const labelled = labelledForm(contentType)
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
    noteMismatch(labelled, form, draft)
    if (form === 'stream') endStream()
    else endJson()
    answer = ended(draft, status)
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
    readJsonBody(reader, status, body, draft)
  }

  return { push, end, details: () => draft.details }
}

/** What `accumulate` says of a JSON answer that is parsed already. */
export function readJson(reader: AnswerReader, status: number, contentType: string | null, body: JsonObject): Answer {
  const draft = draftAnswer()
  noteMismatch(labelledForm(contentType), 'json', draft)
  readJsonBody(reader, status, body, draft)
  return ended(draft, status)
}

function labelledForm(contentType: string | null): Form | null {
  if (contentType === null) return null
  return contentType.includes('event-stream') ? 'stream' : 'json'
}

function isFailure(status: number): boolean {
  return status < 200 || status > 299
}

function readJsonBody(reader: AnswerReader, status: number, body: JsonObject, draft: DraftAnswer): void {
  draft.complete = true
  const error = field(body, 'error')
  if (error !== undefined && error !== null) reader.readError(error, draft)
  // Some compatible servers put the words of an error at the top of the body.
  else if (isFailure(status)) reader.readError(body, draft)
  else reader.readBody(body, draft)
}

function noteMismatch(labelled: Form | null, form: Form, draft: DraftAnswer): void {
  if (labelled !== null && labelled !== form) noteAnomaly(draft, 'content_type_mismatch')
}

function ended(draft: DraftAnswer, status: number): Answer {
  if (isFailure(status)) draft.error ??= { type: null, code: null, message: `HTTP status ${status}` }
  return finishAnswer(draft)
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
