import { type Answer } from '../../shared/contracts/answer.ts'
import { type Body } from '../../shared/contracts/body.ts'
import { Exchange, type Chunk, type Dialect } from '../../shared/contracts/exchange.ts'
import { type Json, type RequestFacts } from '../../shared/dialects/dialect.ts'
import { createAccumulator, readJsonAnswer } from '../../shared/dialects/dialects.ts'
import { isObject } from '../../shared/dialects/json.ts'
import { encodeMessage } from '../../shared/log/messages.ts'
import { keptBody, withheldBody, type WholeBody } from './body.ts'
import { type FinishedCopy } from './capture.ts'
import { storedRequestHeaders, withNames } from './stored-headers.ts'
import { redactAnswer, redactBody, redactStream, withoutContent, type CaptureMode } from './privacy.ts'
import { type Redaction } from './redact.ts'
import { storedPath } from './stored-path.ts'
import { type Piece } from './copied-bytes.ts'
import { offsetOf, timelineOf } from './timeline.ts'

export type ExchangeParts = {
  copy: FinishedCopy
  dialect: Dialect
  facts: RequestFacts
  route: string
  task: Exchange['task']
  conversationId: string
  tenantId: string | null
  sampleProbability: number
  mode: CaptureMode
  request: WholeBody
  answer: WholeBody
  /** What the answer's text says, where it is a JSON object. */
  answerJson: Json | undefined
  /** Decoded, with the time each piece arrived. */
  answerPieces: readonly Piece[]
  redaction: Redaction
}

/** The message for the topic `exchanges`. */
export function encodeExchange(parts: ExchangeParts): string {
  const { copy, facts, mode, redaction } = parts
  // Request before answer, so that placeholders are numbered in reading order.
  const path = storedPath(copy.path)
  const request = {
    method: copy.method,
    path: mode === 'full' ? path : redaction.text(path),
    headers: withNames(copy.headers, storedRequestHeaders),
    body: bodyIn(mode, parts.request, () => redactBody(parts.request, redaction)),
    model: facts.model,
    streamed: facts.streamed,
  }
  const exchange: Exchange = {
    version: 1,
    exchangeId: copy.exchangeId,
    capturedAt: new Date(copy.capturedAtMs).toISOString(),
    source: copy.source,
    upstream: copy.upstream,
    route: parts.route,
    task: parts.task,
    conversationId: parts.conversationId,
    tenantId: parts.tenantId,
    sampleProbability: parts.sampleProbability,
    captureMode: mode,
    dialect: parts.dialect,
    request,
    served: servedOf(parts),
  }
  // Of what comes from elsewhere only the shape was checked, not every value's range.
  return copy.source === 'tap' ? JSON.stringify(exchange) : encodeMessage(Exchange, exchange)
}

function servedOf(parts: ExchangeParts): Exchange['served'] {
  const { copy, mode, redaction } = parts
  const { answer, chunks } = readAnswer(parts)
  const { sentAtMs, endedAtMs } = copy
  const shown = answer === null ? null : answerIn(mode, answer, redaction)
  const isStream = chunks.length > 0
  const changed = shown !== answer
  return {
    status: copy.status,
    headers: copy.answerHeaders,
    body: bodyIn(mode, parts.answer, () =>
      isStream ? redactStream(parts.answer, changed, redaction) : redactBody(parts.answer, redaction),
    ),
    end: copy.end,
    chunks: sentAtMs === null ? [] : chunks,
    ttftMs: sentAtMs === null ? null : ttftOf(parts, chunks, sentAtMs),
    totalMs: sentAtMs === null || copy.end !== 'complete' || endedAtMs === null ? null : offsetOf(endedAtMs, sentAtMs),
    answer: shown,
  }
}

/** Null answer where there was none, or where only the beginning of it was kept. */
function readAnswer({ copy, dialect, answer, answerJson, answerPieces }: ExchangeParts): {
  answer: Answer | null
  chunks: Chunk[]
} {
  if (copy.status === null) return { answer: null, chunks: [] }
  const contentType = copy.answerHeaders['content-type'] ?? null
  const head = { status: copy.status, contentType }
  if (isObject(answerJson) && !answer.truncated)
    return { answer: readJsonAnswer(dialect, head, answerJson), chunks: [] }
  const accumulator = createAccumulator(dialect, head)
  const chunks = timelineOf(answerPieces, copy.sentAtMs ?? 0, (bytes) => accumulator.push(bytes))
  return { answer: answer.truncated ? null : accumulator.end(), chunks }
}

function ttftOf({ answerPieces }: ExchangeParts, chunks: Chunk[], sentAtMs: number): number | null {
  if (chunks[0] !== undefined) return chunks[0].offsetMs
  return answerPieces[0] === undefined ? null : offsetOf(answerPieces[0].atMs, sentAtMs)
}

function bodyIn(mode: CaptureMode, body: WholeBody, redacted: () => Body): Body {
  if (mode === 'metadata') return withheldBody(body)
  return mode === 'full' ? keptBody(body) : redacted()
}

function answerIn(mode: CaptureMode, answer: Answer, redaction: Redaction): Answer {
  if (mode === 'metadata') return withoutContent(answer)
  return mode === 'full' ? answer : redactAnswer(answer, redaction)
}
