import { UnderstudyError } from '../../shared/errors.ts'
import { deterministicUuid } from '../../shared/ids.ts'
import { conversationHeader } from '../tap/conversation.ts'
import { type FinishedCopy } from '../tap/capture.ts'
import { fromLiteLlm } from './import-litellm.ts'
import { UnusableLine } from './unusable-line.ts'

/** Which family of wire formats each kind of answer belongs to, and where its requests go. */
const shapes = {
  openai: { path: '/v1/chat/completions', isAnswer: (answer: Fields) => Array.isArray(answer['choices']) },
  anthropic: {
    path: '/v1/messages',
    isAnswer: (answer: Fields) => answer['type'] === 'message' && Array.isArray(answer['content']),
  },
} as const
export type Family = keyof typeof shapes

type Fields = Record<string, unknown>

/** The upstream that a line's exchange is filed under. */
export type UpstreamOf = (family: Family) => string

/** The door that a line came through. */
export type LineSource = 'import' | 'api'

/**
 * One line of a log, as the tap would have copied it:
 * `{ request, response, timestamp?, latency_ms?, ttft_ms?, status?, conversation_id?, route?, headers? }`.
 * `request` and `response` are the bodies, as JSON or as JSON text; camelCase and snake_case names are both read, and
 * so is what LiteLLM logs. The same line is the same exchange, however often and through whichever door it comes.
 */
export function copyOfLine(
  line: string,
  upstreamOf: UpstreamOf,
  writtenAt: Date,
  source: LineSource = 'import',
): FinishedCopy {
  const logged = objectOf(parse(line), 'not_json')
  const fields = fromLiteLlm(logged) ?? logged
  const request = bodyOf(pick(fields, 'request'), 'no_request')
  const response = bodyOf(pick(fields, 'response'), 'no_response')
  const family = (Object.keys(shapes) as Family[]).find((name) => shapes[name].isAnswer(response.fields))
  if (family === undefined) throw new UnusableLine('unknown_shape')
  const totalMs = numberOf(pick(fields, 'latency_ms', 'latencyMs', 'duration_ms', 'durationMs'))
  const ttftMs = numberOf(pick(fields, 'ttft_ms', 'ttftMs')) ?? totalMs
  const bytes = Buffer.from(response.text)
  return {
    source,
    exchangeId: deterministicUuid('import', line.trim()),
    capturedAtMs: timeOf(pick(fields, 'timestamp', 'created_at', 'createdAt', 'time'), response.fields, writtenAt),
    upstream: upstreamOf(family),
    method: 'POST',
    path: shapes[family].path,
    headers: headersOf(fields),
    plan: 'capture',
    request: copied(Buffer.from(request.text), 0),
    status: numberOf(pick(fields, 'status')) ?? 200,
    answerHeaders: { 'content-type': 'application/json' },
    answer: copied(bytes, ttftMs ?? 0),
    end: 'complete',
    sentAtMs: totalMs === null ? null : 0,
    endedAtMs: totalMs,
    failure: null,
    heldBytes: 0,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnusableLine('not_json')
  }
}

function objectOf(value: unknown, reason: UnusableLine['reason']): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnusableLine(reason)
  return value as Fields
}

function bodyOf(value: unknown, reason: UnusableLine['reason']): { text: string; fields: Fields } {
  if (typeof value === 'string') return { text: value, fields: objectOf(parse(value), reason) }
  return { text: JSON.stringify(value), fields: objectOf(value, reason) }
}

function pick(fields: Fields, ...names: string[]): unknown {
  const name = names.find((known) => Object.hasOwn(fields, known) && fields[known] !== null)
  return name === undefined ? undefined : fields[name]
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

/**
 * ISO text, or seconds or milliseconds since 1970; else the answer's own `created`; else when the file was written. Never
 * now: a second import must give the same time.
 */
function timeOf(value: unknown, response: Fields, writtenAt: Date): number {
  const given = value ?? response['created']
  if (given === undefined) return Math.floor(writtenAt.getTime())
  // Seconds stay below this bound until the year 5138; milliseconds have been above it since 1973.
  const timeMs =
    typeof given === 'number'
      ? given < 1e11
        ? given * 1000
        : given
      : Date.parse(typeof given === 'string' ? given : '')
  if (Number.isNaN(timeMs) || timeMs < 0) throw new UnusableLine('bad_time')
  return Math.round(timeMs)
}

function headersOf(fields: Fields): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const route = pick(fields, 'route')
  const conversation = pick(fields, 'conversation_id', 'conversationId', 'session_id', 'sessionId')
  const version = pick(fields, 'anthropic_version', 'anthropicVersion')
  if (typeof route === 'string') headers['x-understudy-route'] = route
  if (typeof conversation === 'string') headers[conversationHeader] = conversation
  if (typeof version === 'string') headers['anthropic-version'] = version
  return headers
}

function copied(bytes: Buffer, atMs: number): FinishedCopy['request'] {
  return { pieces: [{ atMs, bytes }], sizeBytes: bytes.length, truncated: false, sha256: null }
}

/** The upstream named, or the only one of the family. USAGE where that is not clear. */
export function upstreamChooser(upstreams: Record<string, { dialect: string }>, named: string | undefined): UpstreamOf {
  if (named !== undefined && !Object.hasOwn(upstreams, named)) {
    throw new UnderstudyError(
      'USAGE',
      `there is no upstream "${named}" in the config: choose from ${Object.keys(upstreams).join(', ')}`,
    )
  }
  return (family) => {
    if (named !== undefined && upstreams[named]!.dialect === family) return named
    const fitting = Object.keys(upstreams).filter((name) => upstreams[name]!.dialect === family)
    if (fitting.length > 0) return fitting[0]!
    throw new UnderstudyError(
      'USAGE',
      `the file holds ${family}-shaped exchanges, but tap.upstreams has no upstream with dialect ${family}: add one`,
    )
  }
}
