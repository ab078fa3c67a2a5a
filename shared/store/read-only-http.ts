import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { createGunzip, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { UnderstudyError } from '../errors.ts'
import { type Running } from '../lifecycle.ts'
import { type Logger } from '../logger.ts'
import { ownerIdentity } from './owner-identity.ts'
// `import type`: whoever reads this file's header name must not load the engine.
import type { ReadOnlyEngine } from './read-only-engine.ts'
import { ReadOnlyRefusal } from './read-only-sql.ts'
import { clickhouseCode } from './store-errors.ts'
import { type Store } from './store.ts'

/** Says which running engine answers, so that a reader never takes another ClickHouse on the same port for its own. */
export const identityHeader = 'x-understudy-store'

const maxRequestBytes = 1_048_576

/**
 * Answers ClickHouse's HTTP interface for the engine in this process, for reading only: `curl`, Grafana and any ClickHouse
 * client ask it as they ask a server. PORT_TAKEN: another process has the address.
 */
export async function serveStore(
  store: Store,
  options: { listen: string; logger: Logger },
): Promise<Running & { url: string }> {
  if (store.folder === null) throw new UnderstudyError('INTERNAL', 'only an embedded store is served: it has no server')
  const { openReadOnlyEngine } = await import('./read-only-engine.ts')
  const engine = await openReadOnlyEngine(store.folder)
  const identity = ownerIdentity(store.folder) ?? ''
  const server = createServer((request, response) => {
    answer(engine, identity, request, response).catch((err: unknown) => fail(response, err, options.logger))
  })
  try {
    const url = await listen(server, options.listen)
    return { url, stop: () => stop(server, engine) }
  } catch (err) {
    await engine.close()
    throw err
  }
}

async function listen(server: Server, address: string): Promise<string> {
  const at = address.lastIndexOf(':')
  const host = address.slice(0, at).replaceAll(/^\[|\]$/g, '')
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject).listen(Number(address.slice(at + 1)), host, listening.resolve)
  try {
    await listening.promise
  } catch (err) {
    if (!(err instanceof Error) || !('code' in err)) throw err
    const cure = 'stop what listens there, or name another address in store.listen'
    throw new UnderstudyError('PORT_TAKEN', `cannot listen on ${address} (${String(err.code)}): ${cure}`, {
      cause: err,
    })
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
}

async function stop(server: Server, engine: ReadOnlyEngine): Promise<void> {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  server.closeIdleConnections()
  await closed.promise
  await engine.close()
}

async function answer(
  engine: ReadOnlyEngine,
  identity: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  refuseOtherNames(request)
  const url = new URL(request.url ?? '/', 'http://store')
  response.setHeader(identityHeader, identity)
  const body = await readBody(request)
  // As in ClickHouse: the body continues the query of the URL.
  const text = [url.searchParams.get('query') ?? '', body].filter((part) => part !== '').join('\n')
  if (request.method !== 'GET' && request.method !== 'POST') throw new HttpProblem(405, 'use GET or POST')
  if (url.pathname === '/ping' || (url.pathname === '/' && text === '')) return respond(request, response, 'Ok.\n')
  if (url.pathname !== '/') throw new HttpProblem(404, `there is nothing at ${url.pathname}: send queries to /`)
  refuseSettings(url.searchParams)
  const format = url.searchParams.get('default_format') ?? headerOf(request, 'x-clickhouse-format') ?? 'TabSeparated'
  const result = await engine.query(text, { format, parameters: parametersOf(url.searchParams) })
  response.setHeader('x-clickhouse-query-id', url.searchParams.get('query_id') ?? randomUUID())
  response.setHeader('x-clickhouse-format', result.format)
  response.setHeader('x-clickhouse-server-display-name', hostname())
  response.setHeader('x-clickhouse-timezone', 'UTC')
  response.setHeader('x-clickhouse-summary', JSON.stringify(result.summary))
  response.setHeader('content-type', contentType(result.format))
  await respond(request, response, result.bytes, url.searchParams.get('enable_http_compression') === '1')
}

/** A page of another site can make a browser ask this address by a name of its own; it cannot take the name away. */
function refuseOtherNames(request: IncomingMessage): void {
  const local = request.socket.localAddress ?? ''
  const loopback = local === '::1' || /^(?:::ffff:)?127\./.test(local)
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (loopback && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)) {
    throw new HttpProblem(421, 'ask by the address, 127.0.0.1 or localhost')
  }
}

/** What clients send along and the engine in this process does itself, does not know, or does not need. */
const understood = new Set(
  ['query', 'query_id', 'database', 'default_format', 'enable_http_compression', 'session_id', 'session_timeout']
    .concat(['wait_end_of_query', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'readonly'])
    .concat(['max_execution_time', 'max_result_rows', 'user', 'password', 'client_protocol_version', 'compress'])
    .concat(['buffer_size', 'http_response_buffer_size', 'cancel_http_readonly_queries_on_client_close']),
)

function refuseSettings(search: URLSearchParams): void {
  const database = search.get('database') ?? 'default'
  if (database !== 'default') throw new HttpProblem(404, `Database ${database} does not exist`, 81, 'UNKNOWN_DATABASE')
  for (const [name, value] of search) {
    const asItIs = name === 'output_format_json_quote_64bit_integers' && value === '0'
    if (understood.has(name) || name.startsWith('param_') || asItIs) continue
    throw new ReadOnlyRefusal(`Cannot modify '${name}' setting in readonly mode`)
  }
  if (search.get('compress') === '1') throw new HttpProblem(400, "ClickHouse's own compression is not served: use gzip")
}

function parametersOf(search: URLSearchParams): Map<string, string> {
  const found = [...search].filter(([name]) => name.startsWith('param_'))
  return new Map(found.map(([name, value]) => [name.slice('param_'.length), value]))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') throw new HttpProblem(415, `send gzip or plain, not ${encoding}`)
  const source = encoding === 'gzip' ? request.pipe(createGunzip()) : request
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > maxRequestBytes) throw new HttpProblem(413, `a query may have ${maxRequestBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const compressed = promisify<Buffer, Buffer>(gzip)

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  content: string | Uint8Array,
  compressible = false,
): Promise<void> {
  const plain = Buffer.from(content)
  const wanted = compressible && /\bgzip\b/.test(headerOf(request, 'accept-encoding') ?? '')
  const bytes = wanted ? await compressed(plain) : plain
  if (wanted) response.setHeader('content-encoding', 'gzip')
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=UTF-8')
  response.setHeader('content-length', bytes.length).end(bytes)
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function contentType(format: string): string {
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8'
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8'
  return /^(TSV|TabSeparated)/.test(format) ? 'text/tab-separated-values; charset=UTF-8' : 'text/plain; charset=UTF-8'
}

class HttpProblem extends Error {
  readonly status: number
  readonly code: number
  readonly type: string

  constructor(status: number, message: string, code = 36, type = 'BAD_ARGUMENTS') {
    super(message)
    this.status = status
    this.code = code
    this.type = type
  }
}

function fail(response: ServerResponse, err: unknown, logger: Logger): void {
  const { status, code, text } = problemOf(err)
  if (status >= 500) logger.error({ code }, 'read-only address could not answer')
  if (response.headersSent) return void response.destroy()
  // What is left of the request is not read, so the connection cannot carry another.
  if (!response.req.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'x-clickhouse-exception-code': code, 'content-type': 'text/plain; charset=UTF-8' })
  response.end(`${text}\n`)
}

const notFoundCodes = new Set([46, 47, 60, 81])

function shaped(code: number, message: string, type: string): string {
  return `Code: ${code}. DB::Exception: ${message}. (${type}) (version understudy)`
}

/** In the shape every ClickHouse client takes apart: `Code: N. DB::Exception: … (TYPE)`. */
function problemOf(err: unknown): { status: number; code: number; text: string } {
  if (err instanceof ReadOnlyRefusal) return { status: 403, code: 164, text: shaped(164, err.message, 'READONLY') }
  if (err instanceof HttpProblem) {
    return { status: err.status, code: err.code, text: shaped(err.code, err.message, err.type) }
  }
  const code = clickhouseCode(err)
  if (code === null) return { status: 500, code: 1002, text: shaped(1002, 'the store failed', 'UNKNOWN_EXCEPTION') }
  const status = code === 164 ? 403 : notFoundCodes.has(code) ? 404 : code === 159 ? 408 : 400
  return { status, code, text: (err as Error).message }
}
