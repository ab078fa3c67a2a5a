import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type TapConfig } from '../../shared/config/schema.ts'
import { type Asker, type Call, type Question } from './call.ts'
import { Connection, type Owner } from './connection.ts'
import { addressOf } from './target.ts'

/** The way to one upstream and to no other origin: as many HTTP/1.1 connections as there are requests under way. */
export type Pool = {
  /** As it stands in `Host`. */
  host: string
  ask(question: Question, asker: Asker): Call
  destroy(): Promise<void>
}

const sweepIntervalMs = 1_000

export function createPools(upstreams: TapConfig['upstreams']): Map<string, Pool> {
  return new Map(Object.entries(upstreams).map(([name, { baseUrl }]) => [name, createPool(addressOf(baseUrl).origin)]))
}

function createPool(origin: string): Pool {
  const open = opener(new URL(origin))
  const connections = new Set<Connection>()
  let idle: Connection[] = []
  const owner = {
    idle: (connection: Connection) => void idle.push(connection),
    closed(connection: Connection) {
      connections.delete(connection)
      if (connection.expiresAtMs < Infinity) idle = idle.filter((other) => other !== connection)
    },
  }

  function fresh(): Connection {
    const connection = open(owner)
    connections.add(connection)
    return connection
  }

  function sweep(): void {
    const now = performance.now()
    for (const connection of idle) if (connection.expiresAtMs <= now) connection.destroy()
  }

  const sweeping = setInterval(sweep, sweepIntervalMs).unref()
  return {
    host: new URL(origin).host,
    ask: (question, asker) => (takeUsable(idle) ?? fresh()).ask(question, asker),
    async destroy() {
      clearInterval(sweeping)
      for (const connection of connections) connection.destroy()
    },
  }
}

/** The one used last, so that the others can expire. */
function takeUsable(idle: Connection[]): Connection | null {
  const now = performance.now()
  for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
    if (last.expiresAtMs > now) return last
    last.destroy()
  }
  return null
}

function opener({ protocol, hostname, port }: URL) {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  // A WebSocket may close one way only; every other connection is closed when the upstream closes it.
  const common = { host, allowHalfOpen: true }
  if (protocol === 'http:') {
    const options = { ...common, port: Number(port || 80) }
    return (owner: Owner) => new Connection(connect(options), 'connect', owner)
  }
  // A name for the certificate; an address has none (RFC 6066, section 3).
  const servername = isIP(host) === 0 ? host : ''
  const options = { ...common, port: Number(port || 443), servername, ALPNProtocols: ['http/1.1'] }
  let session: Buffer | undefined
  return (owner: Owner) => {
    const socket = connectTls({ ...options, session })
    socket.on('session', (latest: Buffer) => (session = latest))
    return new Connection(socket, 'secureConnect', owner)
  }
}
