import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { UnderstudyError } from './errors.ts'
import { type Running } from './lifecycle.ts'
import { type Metrics } from './metrics.ts'

export type OpsOptions = {
  /** `host:port`; port 0 takes any that is free. */
  listen: string
  /** Where `listen` stands in the config, for the error that names it. */
  configKey: string
  /** Each part without which the process should be started anew. */
  health?: () => Readiness
  /** Each part that must be true, or one at least, before work should be sent here. */
  readiness: () => Readiness
  metrics: Pick<Metrics, 'expose' | 'contentType'>
}

export type Readiness = Record<string, boolean | number>

type Page = { status: number; contentType: string; text: string }

/**
 * What operators and probes ask, on a port of its own: `/healthz` and `/readyz` (200 or 503, with the parts) and
 * `/metrics`. There is no authentication, so it belongs on the loopback or an inner network. PORT_TAKEN if the
 * address is in use.
 */
export async function startOpsServer(options: OpsOptions): Promise<Running & { url: string }> {
  const server = createServer((request, response) => void answer(request, response, options))
  await listen(server, options)
  const { address, port, family } = server.address() as AddressInfo
  const stop = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, stop }
}

async function answer(request: IncomingMessage, response: ServerResponse, options: OpsOptions): Promise<void> {
  const { status, contentType, text } = await pageFor(request, options).catch(failed)
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  response.end(request.method === 'HEAD' ? undefined : text)
}

async function pageFor({ method, url = '' }: IncomingMessage, options: OpsOptions): Promise<Page> {
  const { health = () => ({}), readiness, metrics } = options
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET and HEAD' })
  const path = url.replace(/\?.*$/s, '')
  if (path === '/healthz') return partsPage('healthy', health())
  if (path === '/readyz') return partsPage('ready', readiness())
  if (path !== '/metrics') return json(404, { error: 'there are /healthz, /readyz and /metrics' })
  return { status: 200, contentType: metrics.contentType, text: await metrics.expose() }
}

function partsPage(name: string, parts: Readiness): Page {
  const holds = Object.values(parts).every(Boolean)
  return json(holds ? 200 : 503, { [name]: holds, ...parts })
}

function json(status: number, body: object): Page {
  return { status, contentType: 'application/json', text: `${JSON.stringify(body)}\n` }
}

function failed(): Page {
  return json(500, { error: 'this could not be found out' })
}

function listen(server: Server, { listen: address, configKey }: OpsOptions): Promise<void> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code !== 'EADDRINUSE') return reject(err)
      const cure = `${configKey}: ${address} is in use. Stop what listens there, choose another port, or switch it off with false.`
      reject(new UnderstudyError('PORT_TAKEN', cure, { cause: err }))
    })
    server.listen(Number(address.slice(colon + 1)), host, resolve)
  })
}
