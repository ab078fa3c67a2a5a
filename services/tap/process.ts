import { type Config } from '../../shared/config/schema.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { dialectOf, readRequest } from '../../shared/dialects/dialects.ts'
import { parseJson } from '../../shared/dialects/json.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { utf8Of, type WholeBody } from './body.ts'
import { type FinishedCopy } from './capture.ts'
import { conversationHeader, conversationIdOf, tenantIdOf } from './conversation.ts'
import { type CopiedBytes, type Piece } from './copied-bytes.ts'
import { codingOf, decode } from './decode.ts'
import { encodeExchange } from './exchange.ts'
import { createRedactor } from './redact.ts'
import { createRoutes } from './route.ts'
import { isSampled } from './sample.ts'

/** What became of a finished copy. `captured`: a record is to be published. */
export type Processed = { route: string } & (
  | { outcome: 'sampled_out' | 'opted_out' | 'unsupported' }
  | { outcome: 'dropped'; reason: string }
  | { outcome: 'captured'; conversationId: string; message: string }
)

/**
 * From a plain copy to a record, with nothing but the config. The bodies of requests that opted out or are of no known
 * dialect are never looked at, so routes that ask for a model do not match them.
 */
export function createProcessor({ tap, routes: rules }: Pick<Config, 'tap' | 'routes'>) {
  const routes = createRoutes(rules)
  const redactor = createRedactor(tap.redact)
  const tenantHeader = tap.tenantHeader.toLowerCase()

  return async function process(copy: FinishedCopy): Promise<Processed> {
    const { upstream, path, headers, plan, failure } = copy
    const dialect = dialectOf(tap.upstreams[upstream]!.dialect, copy.method, path)
    const blind = () => routes.match({ upstream, model: null, path, headers }).route
    if (plan === 'opted_out' || plan === 'unsupported') return { route: blind(), outcome: plan }
    if (dialect === null) return { route: blind(), outcome: 'unsupported' }
    if (failure !== null) return { route: blind(), outcome: 'dropped', reason: failure }

    const request = await wholeOf(copy.request, headers['content-encoding'] ?? null, tap.capture.maxBodyBytes)
    const facts = readRequest(dialect, request.truncated ? null : request.json)
    const { route, task } = routes.match({ upstream, model: facts.model, path, headers })
    if (plan === 'sampled_out') return { route, outcome: 'sampled_out' }

    const conversationId = conversationIdOf({ ...facts, header: headers[conversationHeader] ?? null, ...copy })
    const { by, rate } = tap.sample
    if (by === 'conversation' && !isSampled(conversationId, rate)) return { route, outcome: 'sampled_out' }

    const answerCoding = copy.answerHeaders['content-encoding'] ?? null
    const answer = await wholeOf(copy.answer, answerCoding, tap.capture.maxBodyBytes)
    const message = encodeExchange({
      copy,
      dialect,
      facts,
      route,
      task,
      conversationId,
      tenantId: tenantIdOf(headers[tenantHeader] ?? null),
      sampleProbability: rate,
      mode: tap.capture.mode,
      request,
      answer,
      answerJson: answer.json,
      answerPieces: answer.pieces,
      redaction: redactor(),
    })
    return { route, outcome: 'captured', conversationId, message }
  }
}

// Nothing else is worth a try: an event stream is no JSON, and JSON of another kind says nothing.
const startsObject = /^[ \t\r\n]*\{/

async function wholeOf(
  copied: CopiedBytes,
  contentEncoding: string | null,
  maxBytes: number,
): Promise<WholeBody & { json: Json | undefined; pieces: Piece[] }> {
  const coding = codingOf(contentEncoding)
  const { pieces, truncated } = await decode(copied, coding ?? 'identity', maxBytes)
  const bytes = joined(pieces)
  const text = coding === null ? null : utf8Of(bytes)
  const json = text !== null && startsObject.test(text) ? parseJson(text) : undefined
  const whole = { pieces, bytes, text, json, isJson: json !== undefined, truncated }
  if (!truncated) return { ...whole, sizeBytes: bytes.length, sha256: sha256Hex(bytes) }
  // Size and hash of what passed; the hash is of the wire's bytes, so it says something only where they are the body's.
  return { ...whole, sizeBytes: copied.sizeBytes, sha256: coding === 'identity' ? copied.sha256 : null }
}

function joined(pieces: readonly Piece[]): Buffer {
  if (pieces.length !== 1) return Buffer.concat(pieces.map(({ bytes }) => bytes))
  const { buffer, byteOffset, length } = pieces[0]!.bytes
  return Buffer.from(buffer, byteOffset, length)
}
