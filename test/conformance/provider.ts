import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { type TestContext } from 'node:test'
import { createGzip } from 'node:zlib'
import { answerTo, type Answer, type Asked } from './answers.ts'

/** A request as it arrived, and how it ended: with the last byte of the answer, or because the client went before that. */
export type Seen = {
  method: string
  url: string
  rawHeaders: string[]
  body: string
  end: Promise<'answered' | 'left'>
}

export type Provider = {
  url: string
  /** Every request for a model, in order. */
  seen(model: string): Seen[]
  /** Resolves when the first request for a model is here. */
  arrived(model: string): Promise<void>
}

type Exchange = { response: ServerResponse; asked: Asked; answer: Answer; attempt: number }
type Behaviour = (exchange: Exchange) => void | Promise<void>

/**
 * A server that speaks the wire formats of OpenAI and Anthropic. It does what the middle part of the model's name says:
 * `gpt-4o/status-429-once/anything`.
 */
export async function startProvider(context: TestContext): Promise<Provider> {
  const requests = new Map<string, Seen[]>()
  const arrivals = new Map<string, PromiseWithResolvers<void>>()
  const of = <T>(map: Map<string, T>, model: string, make: () => T): T => map.getOrInsertComputed(model, make)

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', rawHeaders } = request
    const end = new Promise<'answered' | 'left'>((resolve) =>
      response.on('close', () => resolve(response.writableFinished ? 'answered' : 'left')),
    )
    const body = (await buffer(request)).toString()
    const asked: Asked = body === '' ? {} : JSON.parse(body)
    const model: string = asked.model ?? decodeURIComponent(url.replace(/^.*\/models\//, ''))
    const seen = of(requests, model, () => [])
    seen.push({ method, url, rawHeaders, body, end })
    of(arrivals, model, () => Promise.withResolvers<void>()).resolve()
    const answer = answerTo(new URL(url, 'http://provider').pathname, asked)
    if (answer === null) return sendJson(response, 404, { error: { type: 'not_found_error', message: `no ${url}` } })
    await behaviourOf(model.split('/')[1]!)({ response, asked, answer, attempt: seen.length })
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.on('error', () => {})
    // A client that leaves while it is still sending.
    take(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: (model) => requests.get(model) ?? [],
    arrived: (model) => of(arrivals, model, () => Promise.withResolvers<void>()).promise,
  }
}

function behaviourOf(name: string): Behaviour {
  const [, status, times] = /^status-(\d+)(-once)?$/.exec(name) ?? []
  const behaviour = status === undefined ? behaviours[name.replace(/-once$/, '')] : refuse(Number(status))
  if (behaviour === undefined) throw new Error(`the provider does not know "${name}"`)
  const isOnce = times !== undefined || name.endsWith('-once')
  return (exchange) => (isOnce && exchange.attempt > 1 ? reply(exchange) : behaviour(exchange))
}

const behaviours: Record<string, Behaviour> = {
  plain: reply,
  compressed: replyCompressed,
  /** A gateway in front of the provider gave up. */
  html: ({ response }) => void response.writeHead(502, headersOf('text/html')).end('<h1>502 Bad Gateway</h1>'),
  /** Never an answer. */
  silent: () => {},
  /** Never the end of an answer. */
  endless: async ({ response, answer }) => {
    startEvents(response)
    const [first = '', ...rest] = answer.events
    response.write(first)
    for (let i = 0; !response.destroyed; i += 1) {
      response.write(rest[Math.min(i, firstDelta)])
      await sleep(5)
    }
  },
  'broken-json': ({ response, asked, answer }) => {
    if (asked.stream) startEvents(response).end(`${answer.events.slice(0, 4).join('')}data: {"id": \n\n`)
    else response.writeHead(200, headersOf('application/json')).end('{"id": "x", ')
  },
  'error-event': async ({ response, answer }) => {
    await sendPieces(startEvents(response), answer.events.slice(0, 5).join('') + answer.failure)
    response.end()
  },
  /** The connection closes in the middle of the answer. */
  cut: async (exchange) => {
    const socket = await sendHalf(exchange)
    socket?.destroy()
  },
  reset: async (exchange) => {
    const socket = await sendHalf(exchange)
    socket?.resetAndDestroy()
  },
  /** The connection closes instead of an answer. */
  gone: ({ response }) => void response.socket?.destroy(),
}

const refuse =
  (status: number): Behaviour =>
  ({ response }) => {
    const error = { type: `type_${status}`, message: `refused with ${status}`, code: `code_${status}`, param: 'model' }
    // The OpenAI, Anthropic and AI SDKs wait for the milliseconds, LangChain for the second.
    const wait = status === 429 || status >= 500 ? { 'retry-after-ms': '20', 'retry-after': '1' } : {}
    sendJson(response, status, { type: 'error', error, request_id: 'req_1' }, wait)
  }

async function reply({ response, asked, answer }: Exchange): Promise<void> {
  if (!asked.stream) return sendJson(response, 200, answer.whole)
  await sendPieces(startEvents(response), answer.events.join(''))
  response.end()
}

function replyCompressed({ response, asked, answer }: Exchange): void {
  const type = asked.stream ? 'text/event-stream; charset=utf-8' : 'application/json'
  response.writeHead(200, { ...headersOf(type), 'content-encoding': 'gzip' })
  const gzip = createGzip()
  gzip.pipe(response)
  gzip.end(asked.stream ? answer.events.join('') : JSON.stringify(answer.whole))
}

async function sendHalf({ response, asked, answer }: Exchange): Promise<ServerResponse['socket']> {
  const whole = JSON.stringify(answer.whole)
  if (asked.stream) startEvents(response).write(answer.events.slice(0, 5).join(''))
  else {
    const length = { 'content-length': Buffer.byteLength(whole) }
    response.writeHead(200, { ...headersOf('application/json'), ...length }).write(whole.slice(0, 40))
  }
  // What was sent has been read by then.
  await sleep(200)
  return response.socket
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response
    .writeHead(status, { ...headersOf('application/json'), ...headers, 'content-length': bytes.length })
    .end(bytes)
}

function startEvents(response: ServerResponse): ServerResponse {
  return response.writeHead(200, headersOf('text/event-stream; charset=utf-8'))
}

// No clock in an answer: two of them must be equal.
const headersOf = (type: string) => ({
  date: 'Fri, 21 Nov 2025 03:37:09 GMT',
  'content-type': type,
  'x-request-id': 'req_1',
  'request-id': 'req_1',
  'x-ratelimit-remaining-requests': '59',
})

// In every dialect the fifth event is a piece of the text.
const firstDelta = 3

/** Pieces that end within events, lines and characters. */
async function sendPieces(response: ServerResponse, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length && !response.destroyed; i += 97) {
    response.write(bytes.subarray(i, i + 97))
    await turn()
  }
}
