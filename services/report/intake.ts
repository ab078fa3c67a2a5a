import { type FastifyInstance, type FastifyRequest } from 'fastify'
import { UnderstudyError } from '../../shared/errors.ts'

/** What became of one delivery. `item`: its place, from 0. */
export type Taken = { items: number; accepted: number; refused: { item: number; reason: string; message: string }[] }

export type Intake = {
  /**
   * Files each text (one JSON object: request and response) as an exchange of the named upstream, else of the one that
   * fits. Resolves when the log has them. LOG_UNAVAILABLE: send all of them again. USAGE: no such upstream.
   */
  take(texts: readonly string[], upstream: string | undefined): Promise<Taken>
}

const maxBodyBytes = 16 * 1024 * 1024
const maxItems = 1_000

/** `POST /v1/exchanges`: one object, an array of them, or one a line. Understood by any gateway's log hook. */
export function registerIntake(app: FastifyInstance, intake: Intake): void {
  void app.register((door, _options, done) => {
    // Any other type is refused: what a page may send across origins without being asked is not among these.
    door.removeAllContentTypeParsers()
    const parseAs = { parseAs: 'string' as const, bodyLimit: maxBodyBytes }
    door.addContentTypeParser('application/json', parseAs, (_request, body, parsed) => parsed(null, body))
    door.addContentTypeParser(['application/x-ndjson', 'application/jsonl'], parseAs, (_request, body, parsed) =>
      parsed(null, body),
    )
    door.addContentTypeParser('*', (_request, _payload, parsed) => parsed(wrongType()))
    const config = { role: 'intake' } as const
    door.post<{ Querystring: { upstream?: string } }>('/v1/exchanges', { config }, async (request, reply) => {
      refusePages(request)
      const taken = await intake.take(textsIn(request), request.query.upstream)
      return reply.code(taken.accepted === 0 ? 400 : 202).send({ version: 1, ...taken })
    })
    done()
  })
}

function wrongType(): Error {
  const cure = 'send the exchanges as application/json, or one a line as application/x-ndjson'
  return Object.assign(new UnderstudyError('USAGE', cure), { statusCode: 415 })
}

/** A browser names its origin with every POST, a log hook never does: a page must not write here. */
function refusePages({ headers }: FastifyRequest): void {
  if (headers.origin === undefined) return
  throw new UnderstudyError('USAGE', 'nothing is taken from pages: send it from a server')
}

function textsIn(request: FastifyRequest): string[] {
  const body = request.body as string | undefined
  const isLines = !/^application\/json\b/i.test(request.headers['content-type'] ?? '')
  const texts = isLines ? (body ?? '').split('\n').filter((line) => line.trim() !== '') : itemsOf(body ?? '')
  if (texts.length === 0) throw new UnderstudyError('USAGE', 'the body holds no exchange: send at least one')
  if (texts.length <= maxItems) return texts
  throw new UnderstudyError('USAGE', `the body holds ${texts.length} exchanges: send at most ${maxItems} at once`)
}

function itemsOf(body: string): string[] {
  const value = parse(body)
  if (!Array.isArray(value)) return [body]
  return value.map((item) => JSON.stringify(item))
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // No cause: the parser's own message quotes the text.
    throw new UnderstudyError(
      'USAGE',
      'the body is not JSON: send {"request": …, "response": …}, an array of these, or one a line as application/x-ndjson',
    )
  }
}
