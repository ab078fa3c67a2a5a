import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { UnderstudyError } from '../../shared/errors.ts'

/** The server that clients connect to. Nothing but the listener answers, and nothing waits for anything else. */
export function createTapServer(listener: RequestListener): Server {
  const server = createServer(
    {
      noDelay: true,
      // A long upload is the client's affair; a head that never ends is not.
      requestTimeout: 0,
      // Longer than clients keep idle connections, so that they are the ones to close.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 65_536,
    },
    (request, response) => {
      if (!server.listening) response.shouldKeepAlive = false
      listener(request, response)
    },
  )
  // The default of 2,000 drops the rest silently; `maxHeaderSize` bounds them.
  server.maxHeadersCount = 0
  return server
}

/** PORT_TAKEN if `address` (`host:port`) is in use. */
export function listen(server: Server, address: string): Promise<void> {
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

/** No new connections; answers under way go on to their end, or until the time is up. */
export async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs)
  // An idle connection that was busy when closing began is found by looking again.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(deadline)
  clearInterval(sweep)
}

export function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
