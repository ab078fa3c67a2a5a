import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, type Socket } from 'node:net'
import { UnderstudyError } from '../../shared/errors.ts'

/** What answers: plain functions, called once a request when its head has arrived. They must not throw. */
export type TapHandlers = {
  /** `early`: the request asks for WebSocket, and these bytes came after its head. */
  handle(request: IncomingMessage, response: ServerResponse, early?: Buffer): void
}

export type TapServer = {
  /** PORT_TAKEN if `address` (`host:port`) is in use. */
  listen(address: string): Promise<void>
  /** No new connections; answers under way go on to their end, or until the time is up. */
  close(timeoutMs: number): Promise<void>
  url(): string
}

/** The server that clients connect to. */
export function createTapServer(handlers: TapHandlers, { headTimeoutMs } = { headTimeoutMs: 60_000 }): TapServer {
  const server = createServer(
    {
      noDelay: true,
      // A long upload is the client's affair; a head that never ends is not.
      requestTimeout: 0,
      headersTimeout: headTimeoutMs,
      connectionsCheckingInterval: headTimeoutMs / 2,
      // Longer than clients keep idle connections, so that they are the ones to close.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 65_536,
      shouldUpgradeCallback: asksForWebSocket,
    },
    handle,
  )
  // Node does not count these among its connections any more.
  const upgraded = new Set<Socket>()

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (!server.listening) response.shouldKeepAlive = false
    handlers.handle(request, response)
  }

  function upgrade(request: IncomingMessage, socket: Socket, early: Buffer): void {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    handlers.handle(request, lastResponseOn(socket, request), early)
  }

  server.on('upgrade', upgrade)
  // Whether a request is expected to go on is the upstream's to say.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  // The default of 2,000 drops the rest silently; `maxHeaderSize` bounds them.
  server.maxHeadersCount = 0
  return {
    listen: (address) => listen(server, address),
    close: (timeoutMs) => close(server, upgraded, timeoutMs),
    url: () => urlOf(server),
  }
}

/** Other protocols (h2c) are optional by nature: such a request is served as the HTTP/1.1 request that it is. */
function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody
}

/** Where the upstream does not change the protocol, its answer is an HTTP answer all the same, and the last one. */
function lastResponseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => {
    response.detachSocket(socket)
    socket.destroySoon()
  })
  return response
}

function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code !== 'EADDRINUSE') return reject(err)
      const cure = `tap.listen: ${address} is in use. Stop what listens there, or choose another port.`
      reject(new UnderstudyError('PORT_TAKEN', cure, { cause: err }))
    })
    server.listen(Number(address.slice(colon + 1)), host, resolve)
  })
}

async function close(server: Server, upgraded: ReadonlySet<Socket>, timeoutMs: number): Promise<void> {
  const deadline = setTimeout(() => {
    server.closeAllConnections()
    for (const socket of upgraded) socket.destroy()
  }, timeoutMs)
  // An idle connection that was busy when closing began is found by looking again.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(deadline)
  clearInterval(sweep)
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
