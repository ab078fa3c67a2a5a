import { type Answer } from '../contracts/answer.ts'
import { type Exchange } from '../contracts/exchange.ts'

/** A row of `exchanges`, as `headColumns` reads it. */
export type StoredHead = Pick<
  Exchange,
  | 'exchangeId'
  | 'source'
  | 'upstream'
  | 'route'
  | 'task'
  | 'conversationId'
  | 'tenantId'
  | 'sampleProbability'
  | 'captureMode'
  | 'dialect'
> & {
  capturedAtMs: number
  method: string
  path: string
  requestModel: string | null
  streamed: boolean
  requestBytes: number
  wireEnd: Exchange['served']['end']
  status: number | null
  answerBytes: number
  ttftMs: number | null
  totalMs: number | null
}

/** Of `exchanges` or a view on it. 64-bit integers leave it as floats: some versions of the engine give them as text. */
export const headColumns = (table: string): string => `
  toString(exchange_id) AS exchangeId, toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs, source, upstream, route,
  nullIf(${table}.task, '') AS task, conversation_id AS conversationId, nullIf(tenant_id, '') AS tenantId,
  sample_probability AS sampleProbability, capture_mode AS captureMode, dialect, method, path,
  nullIf(request_model, '') AS requestModel, streamed, toFloat64(request_bytes) AS requestBytes, wire_end AS wireEnd, status,
  toFloat64(answer_bytes) AS answerBytes, ttft_ms AS ttftMs, total_ms AS totalMs`

/** What of its bodies is wanted; what is not given is told as not kept. */
export type StoredBody = {
  requestHeaders?: Record<string, string>
  requestBody: string | null
  requestEncoding: 'utf8' | 'base64'
  requestTruncated: boolean
  requestSha256?: string | null
  answerSha256?: string | null
  chunks?: Exchange['served']['chunks']
  answer: Answer | null
}

/** The exchange as it was captured, without the answer's own bytes and headers: what it says is in canonical form. */
export function exchangeOf({ capturedAtMs, ...head }: StoredHead, body: StoredBody): Exchange {
  const { exchangeId, source, upstream, route, task, conversationId, sampleProbability, captureMode, dialect } = head
  return {
    version: 1,
    exchangeId,
    capturedAt: new Date(capturedAtMs).toISOString(),
    source,
    upstream,
    route,
    task,
    conversationId,
    tenantId: head.tenantId ?? null,
    sampleProbability,
    captureMode,
    dialect,
    request: {
      method: head.method,
      path: head.path,
      headers: body.requestHeaders ?? {},
      body: {
        encoding: body.requestEncoding,
        data: body.requestBody,
        sizeBytes: head.requestBytes,
        sha256: body.requestSha256 ?? null,
        truncated: body.requestTruncated,
      },
      model: head.requestModel,
      streamed: head.streamed,
    },
    served: {
      status: head.status,
      headers: {},
      body: {
        encoding: 'utf8',
        data: null,
        sizeBytes: head.answerBytes,
        sha256: body.answerSha256 ?? null,
        truncated: false,
      },
      end: head.wireEnd,
      chunks: body.chunks ?? [],
      ttftMs: head.ttftMs,
      totalMs: head.totalMs,
      answer: body.answer,
    },
  }
}
