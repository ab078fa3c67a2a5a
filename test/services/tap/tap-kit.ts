import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext } from 'node:test'
import { startTap, type RunningTap, type TapLimits } from '../../../services/tap/main.ts'
import { createMirror, type MirrorLimits } from '../../../services/tap/mirror/mirror.ts'
import { Config, type TapConfig } from '../../../shared/config/schema.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { LedgerEntry } from '../../../shared/contracts/ledger.ts'
import { type LogRecord, type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger, type Logger } from '../../../shared/logger.ts'

export type MemoryLog = TopicLog & { published: { topic: Topic; record: LogRecord }[] }

const unused = () => Promise.reject(new Error('not used by the tap'))

/** A log that keeps what is published, or does what `publish` says instead. */
export function createMemoryLog(publish?: TopicLog['publish']): MemoryLog {
  const published: MemoryLog['published'] = []
  return {
    published,
    publish:
      publish ?? (async (topic, records) => void published.push(...records.map((record) => ({ topic, record })))),
    consume: unused,
    lag: unused,
    prepare: async () => {},
    ping: async () => {},
    close: async () => {},
  }
}

export function exchangesIn(log: MemoryLog): Exchange[] {
  return valuesOf(log, 'exchanges').map((value) => Exchange.parse(JSON.parse(value)))
}

export function ledgerIn(log: MemoryLog): LedgerEntry[] {
  return valuesOf(log, 'ledger').map((value) => LedgerEntry.parse(JSON.parse(value)))
}

export function valuesOf(log: MemoryLog, wanted: Topic): string[] {
  return log.published.filter(({ topic }) => topic === wanted).map(({ record }) => Buffer.from(record.value).toString())
}

export type TapOverrides = {
  tap?: Record<string, unknown>
  routes?: unknown[]
  log?: MemoryLog
  logger?: Logger
  limits?: Partial<TapLimits & MirrorLimits>
  spool?: TapConfig['spool'] | null
}

/** Port 0 and the upstreams `openai` and `anthropic` at the same base URL. */
export function testConfig(
  baseUrl: string,
  { tap = {}, ...rest }: { tap?: Record<string, unknown>; routes?: unknown[]; log?: unknown } = {},
): Config {
  return Config.parse({
    tap: {
      listen: '127.0.0.1:0',
      ops: false,
      upstreams: { openai: { dialect: 'openai', baseUrl }, anthropic: { dialect: 'anthropic', baseUrl } },
      ...tap,
    },
    providers: {},
    control: false,
    candidates: [{ name: 'other', provider: 'none', model: 'other' }],
    ...rest,
  })
}

/** A tap with its mirror in the same thread, in front of `testConfig`’s upstreams. */
export async function startTestTap(
  context: TestContext,
  baseUrl: string,
  {
    tap = {},
    routes = [],
    log = createMemoryLog(),
    logger = silentLogger,
    limits = {},
    spool = null,
  }: TapOverrides = {},
): Promise<RunningTap & { log: MemoryLog }> {
  const config = testConfig(baseUrl, { tap, routes })
  const quick = { flushTimeoutMs: 200, drainTimeoutMs: 200, ...limits }
  const running = await startTap({
    config,
    mirror: createMirror({ config, log, logger, spool, limits: quick }),
    logger,
    limits: quick,
  })
  context.after(() => running.stop())
  return { ...running, log }
}

export async function startUpstream(context: TestContext, listener: RequestListener): Promise<string> {
  return listen(context, createServer({ keepAliveTimeout: 1_000 }, listener))
}

/** An upstream that speaks bytes, for everything an HTTP server would not do. */
export async function startRawUpstream(context: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  return listen(
    context,
    createTcpServer((socket) => {
      socket.on('error', () => {})
      onSocket(socket)
    }),
  )
}

async function listen(context: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sends text as it is and gives everything that came back until the connection closed or `until` was seen. */
export function sendRaw(url: string, text: string, until?: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    let answer = ''
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1')
      if (until !== undefined && answer.includes(until)) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', (err: NodeJS.ErrnoException) => (answer === '' ? reject(err) : undefined))
  })
}

export type Reply = {
  status: number
  rawHeaders: string[]
  body: Buffer
  complete: boolean
  trailers: NodeJS.Dict<string>
}
export type Sent = {
  method?: string
  path?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

/** A plain client that decodes nothing and does not throw on answers that break off. */
export function send(url: string, { method = 'POST', path = '', headers = {}, body }: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url + path,
      { method, headers, agent: false },
      (response) => void read(response, resolve),
    )
    request.on('error', reject)
    request.end(body)
  })
}

async function read(response: IncomingMessage, resolve: (reply: Reply) => void): Promise<void> {
  const pieces: Buffer[] = []
  response.on('data', (bytes: Buffer) => pieces.push(bytes))
  response.on('error', () => {})
  response.on('close', () =>
    resolve({
      status: response.statusCode ?? 0,
      rawHeaders: response.rawHeaders,
      body: Buffer.concat(pieces),
      complete: response.complete,
      trailers: response.trailers,
    }),
  )
}

export async function until(holds: () => boolean, timeoutMs = 2_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await sleep(2)
  }
}

export const chatRequest = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] })

export const chatAnswer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_763_693_829,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there', refusal: null }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
})

export function chatEvents(words: readonly string[]): string[] {
  return [
    chatEvent({ role: 'assistant', content: '' }, null),
    ...words.map((content) => chatEvent({ content }, null)),
    chatEvent({}, 'stop'),
    'data: [DONE]\n\n',
  ]
}

function chatEvent(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06' }
  return `data: ${JSON.stringify({ ...head, choices })}\n\n`
}
