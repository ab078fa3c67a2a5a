import { Agent, type Dispatcher } from 'undici'
import { addressRefused, guardedLookup, type Lookup, namesPrivatePlace } from './address-guard.ts'
import { type RequestHead } from './request-head.ts'

/** Told what happens on the wire, in this order; `onEnd` or `onError` once. */
export type Listener = {
  /** The request has its connection; how long that took: about 0 where one was there. */
  onConnected(connectMs: number): void
  /** The request's last byte was handed to the socket. */
  onSent(): void
  onHead(status: number, headers: Record<string, string | string[] | undefined>): void
  onBytes(bytes: Uint8Array): void
  onEnd(): void
  onError(err: NodeJS.ErrnoException): void
}

/** Connections to providers, kept alive and shared by all arms: a new connection would cost one arm its TTFT. */
export type Transport = {
  /** Sends one request, and never another: no redirect is followed, it would hand the prompt to whoever it names. */
  send(head: RequestHead, body: string, listener: Listener): Sending
  close(): Promise<void>
}

export type Sending = {
  /** Breaks the connection, whatever state it is in. */
  abort(): void
}

/** Names that may lie on a private network; any other name that resolves to a private address is not connected to. */
export type TransportOptions = {
  privateHosts?: ReadonlySet<string>
  onRefused?: (hostname: string, address: string) => void
  resolve?: Lookup
}

export function isAddressRefused(err: NodeJS.ErrnoException): boolean {
  return err.code === addressRefused
}

/** Connects only to addresses that may be connected to. */
export function guardedAgent({ privateHosts, onRefused = () => {}, resolve }: TransportOptions): Agent {
  const mayBePrivate = (host: string): boolean => namesPrivatePlace(host) || (privateHosts?.has(host) ?? false)
  // HTTP/1.1 on purpose: each call has a connection to itself, so that one arm's long answer never delays another's.
  // No timeouts here: the arm's deadline is the only clock, and it is the same for every arm.
  return new Agent({
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup: guardedLookup(mayBePrivate, onRefused, resolve) },
  })
}

export function createTransport(options: TransportOptions = {}): Transport {
  const agent = guardedAgent(options)
  return {
    send: (head, body, listener) => send(agent, head, body, listener),
    close: () => agent.destroy(),
  }
}

function send(agent: Agent, { origin, path, headers }: RequestHead, body: string, listener: Listener): Sending {
  let controller: Dispatcher.DispatchController | null = null
  let aborted = false
  const abort = (): void => {
    aborted = true
    controller?.abort(new Error('aborted'))
  }
  const dispatchedAtMs = performance.now()
  agent.dispatch(
    { origin, path, method: 'POST', headers, body },
    {
      onRequestStart: (started) => {
        listener.onConnected(performance.now() - dispatchedAtMs)
        controller = started
        if (aborted) abort()
      },
      onRequestSent: () => listener.onSent(),
      // Interim answers say nothing yet.
      onResponseStart: (_, status, answered) => (status < 200 ? undefined : listener.onHead(status, answered)),
      onResponseData: (_, bytes) => listener.onBytes(bytes),
      onResponseEnd: () => listener.onEnd(),
      onResponseError: (_, err) => listener.onError(err),
    },
  )
  return { abort }
}
