import { createServer, type AddressInfo, type Server } from 'node:net'
import { UnderstudyError } from '../../shared/errors.ts'
import { ClientConnection } from './client-connection.ts'
import { type Inbound } from './inbound.ts'

/** What answers. Called once a request when its head has arrived; must not throw. */
export type TapHandlers = { handle: (inbound: Inbound) => void }

export type TapServer = {
  /** PORT_TAKEN if `address` (`host:port`) is in use. */
  listen(address: string): Promise<void>
  /** No new connections; answers under way go on to their end, or until the time is up. */
  close(timeoutMs: number): Promise<void>
  url(): string
}

/** The server that clients connect to: HTTP/1.1 (RFC 9112) over plain sockets. */
export function createTapServer({ handle }: TapHandlers, { headTimeoutMs } = { headTimeoutMs: 60_000 }): TapServer {
  const connections = new Set<ClientConnection>()
  let isClosing = false
  const options = { handle, headTimeoutMs, isClosing: () => isClosing }
  // A client that ends its side of a WebSocket may still read the other; one that vanished without a word is found by
  // the network's own means.
  const common = { noDelay: true, allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
  const server = createServer(common, (socket) => {
    const connection = new ClientConnection(socket, options)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  const sweeping = setInterval(() => sweep(connections), Math.min(1_000, headTimeoutMs / 2)).unref()

  async function close(timeoutMs: number): Promise<void> {
    isClosing = true
    const closed = new Promise((resolve) => server.close(resolve))
    const deadline = setTimeout(() => destroy([...connections]), timeoutMs)
    const destroyIdle = () => destroy([...connections].filter(({ isIdle }) => isIdle))
    destroyIdle()
    // A connection that was busy when closing began is found by looking again.
    const looking = setInterval(destroyIdle, 100)
    await closed
    clearTimeout(deadline)
    clearInterval(looking)
    clearInterval(sweeping)
  }

  return { listen: (address) => listen(server, address), close, url: () => urlOf(server) }
}

function sweep(connections: Iterable<ClientConnection>): void {
  const nowMs = performance.now()
  for (const connection of connections) connection.sweep(nowMs)
}

function destroy(connections: readonly ClientConnection[]): void {
  for (const { socket } of connections) socket.destroy()
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

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
