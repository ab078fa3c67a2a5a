import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, parseJson } from '../../../shared/dialects/json.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { deterministicUuid } from '../../../shared/ids.ts'
import { conversationHeader } from '../../tap/conversation.ts'
import { type FinishedCopy } from '../../tap/capture.ts'
import { formatOf } from './formats.ts'
import { type Logged, type LogFormat, objectOf, timeMsOf, unpacked } from './logged.ts'
import { type Family, isError, type Shape, shapeOf } from './shapes.ts'
import { UnusableEntry, type UnusableReason } from './unusable.ts'

/** The upstream that an entry's exchange is filed under. */
export type UpstreamOf = (family: Family) => string

/** The door that an entry came through. */
export type EntrySource = 'import' | 'api'

export type EntryContext = {
  upstreamOf: UpstreamOf
  source: EntrySource
  /** Undefined: told by each entry. */
  format?: LogFormat | undefined
  /** When the log was last written; null: not known. */
  writtenAt: Date | null
}

/**
 * One entry of a log or export (the text of a JSON object), as the tap would have copied it. The same entry is the same
 * exchange, however often and through whichever door it comes. Throws UnusableEntry.
 */
export function copyOfEntry(entry: string, { upstreamOf, source, format, writtenAt }: EntryContext): FinishedCopy {
  const fields = objectOf(parseJson(entry), 'not_json')
  const logged = readerOf(fields, format).read(fields)
  const request = bodyOf(logged.request, 'no_request')
  const answer = answerOf(logged)
  const shape = shapeOf(request.fields, answer.fields, logged.path)
  const status = statusOf(logged, answer.fields)
  const upstream = upstreamOf(shape.family)
  checkAsked(request.fields, shape)
  checkWhole(request.text, answer.text)
  const { totalMs, ttftMs } = timesOf(logged, request.fields)
  return {
    source,
    exchangeId: deterministicUuid('import', logged.id ?? entry.trim()),
    capturedAtMs: timeOf(logged, answer.fields, writtenAt),
    upstream,
    method: 'POST',
    path: shape.path,
    headers: headersOf(logged),
    plan: 'capture',
    request: copied(request.text, 0),
    status,
    answerHeaders: { 'content-type': 'application/json' },
    answer: copied(answer.text, ttftMs ?? 0),
    end: 'complete',
    sentAtMs: totalMs === null ? null : 0,
    endedAtMs: totalMs,
    failure: null,
    heldBytes: 0,
  }
}

function readerOf(fields: JsonObject, named: LogFormat | undefined): LogFormat {
  const format = named ?? formatOf(fields)
  if (format === undefined) throw new UnusableEntry('unknown_entry')
  return format
}

type Body = { text: string; fields: JsonObject }

/** Text is kept as it is: parsing and writing it again would change large numbers. */
function bodyOf(value: Json | undefined, reason: UnusableReason): Body {
  const fields = objectOf(unpacked(value), reason)
  return { text: typeof value === 'string' ? value : JSON.stringify(value), fields }
}

/** An error need not be JSON, nor say anything. */
function answerOf(logged: Logged): Body {
  if (!isObject(unpacked(logged.response)) && (logged.status ?? 0) >= 400) {
    return { text: typeof logged.response === 'string' ? logged.response : '', fields: { error: {} } }
  }
  return bodyOf(logged.response, 'no_response')
}

function statusOf({ status }: Logged, answer: JsonObject): number {
  if (status === null && isError(answer)) throw new UnusableEntry('no_status')
  return status ?? 200
}

function checkAsked(request: JsonObject, { input, path }: Shape): void {
  const isResponses = path.endsWith('/responses')
  const names = isResponses ? ['previous_response_id', 'conversation'] : []
  if (names.some((name) => (field(request, name) ?? null) !== null)) throw new UnusableEntry('not_replayable')
  const asked = field(request, input)
  const isEmpty = asked === undefined || asked === null || asked === '' || (Array.isArray(asked) && asked.length === 0)
  // A Responses call may be asked with a prompt that is kept at the provider; a replay tells what becomes of it.
  if (isEmpty && !(isResponses && field(request, 'prompt') !== undefined)) throw new UnusableEntry('no_input')
}

/** What exporters put in place of content which they cut, hide or keep elsewhere. Gateways log through one another. */
const marks: [string, UnusableReason][] = [
  ['redacted-by-litellm', 'withheld'],
  ['<fully masked due to failed mask function>', 'withheld'],
  ['@@@langfuseMedia:', 'media_apart'],
  ['<truncated due to size exceeding limit>', 'truncated'],
  ['truncated by litellm', 'truncated'],
  ['litellm_truncated', 'truncated'],
]

function checkWhole(...bodies: string[]): void {
  const found = marks.find(([mark]) => bodies.some((body) => body.includes(mark)))
  if (found !== undefined) throw new UnusableEntry(found[1])
}

/**
 * The first byte of a whole answer comes with the last. When that of a stream came only the source can know; where it
 * does not tell, neither time is given, as the one would be read for the other.
 */
function timesOf(
  { latencyMs, ttftMs }: Logged,
  request: JsonObject,
): { totalMs: number | null; ttftMs: number | null } {
  if (latencyMs === null || (ttftMs === null && field(request, 'stream') === true))
    return { totalMs: null, ttftMs: null }
  return { totalMs: latencyMs, ttftMs: ttftMs ?? latencyMs }
}

/** What the source tells; else the answer's own; else when the log was written. Never now: a second import must agree. */
function timeOf({ time }: Logged, answer: JsonObject, writtenAt: Date | null): number {
  const given = time ?? field(answer, 'created') ?? field(answer, 'created_at')
  if (given === undefined || given === null) {
    if (writtenAt === null) throw new UnusableEntry('no_time')
    return Math.floor(writtenAt.getTime())
  }
  const timeMs = timeMsOf(given)
  if (timeMs === null) throw new UnusableEntry('bad_time')
  return Math.round(timeMs)
}

function headersOf({ route, conversationId, anthropicVersion }: Logged): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (route !== null) headers['x-understudy-route'] = route
  if (conversationId !== null) headers[conversationHeader] = conversationId
  if (anthropicVersion !== null) headers['anthropic-version'] = anthropicVersion
  return headers
}

function copied(text: string, atMs: number): FinishedCopy['request'] {
  const bytes = Buffer.from(text)
  return { pieces: [{ atMs, bytes }], sizeBytes: bytes.length, truncated: false, sha256: null }
}

/** The upstream named, or the first of the family. USAGE: the config has no upstream of that name. */
export function upstreamChooser(upstreams: Record<string, { dialect: string }>, named: string | undefined): UpstreamOf {
  if (named !== undefined && !Object.hasOwn(upstreams, named)) {
    throw new UnderstudyError(
      'USAGE',
      `there is no upstream "${named}" in the config: choose from ${Object.keys(upstreams).join(', ')}`,
    )
  }
  return (family) => {
    if (named !== undefined && upstreams[named]!.dialect === family) return named
    const fitting = Object.keys(upstreams).find((name) => upstreams[name]!.dialect === family)
    if (fitting === undefined) throw new UnusableEntry('no_upstream')
    return fitting
  }
}
