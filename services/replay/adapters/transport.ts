import { addressRefused, guardedLookup, type Lookup, namesPrivatePlace } from './address-guard.ts'
import { Agent, Dispatcher, fetch, type RequestInit, type Response } from 'undici'

/**
 * One attempt on the wire: handed to an SDK as its dispatcher, it notes when the request was sent and keeps the raw
 * answer, because the SDKs turn error bodies into exceptions and event streams into objects.
 */
export class Attempt extends Dispatcher {
  /** Monotonic clock; null until the request's last byte was handed to the socket. */
  sentAtMs: number | null = null
  /** How long it took to get a connection: about 0 where one was there. */
  connectMs: number | null = null
  /** The provider's name led to an address that it must not lead to. */
  isAddressRefused = false
  response: Response | null = null
  readonly #agent: Agent
  #controller: Dispatcher.DispatchController | null = null
  #aborted = false

  constructor(agent: Agent) {
    super()
    this.#agent = agent
  }

  /** Breaks the connection, whatever state it is in. */
  abort(): void {
    this.#aborted = true
    this.#controller?.abort(new Error('aborted'))
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const dispatchedAtMs = performance.now()
    return this.#agent.dispatch(options, {
      // Called when the request has its connection.
      onRequestStart: (controller, context) => {
        this.connectMs = performance.now() - dispatchedAtMs
        this.#controller = controller
        handler.onRequestStart?.(controller, context)
        if (this.#aborted) this.abort()
      },
      onRequestSent: () => {
        this.sentAtMs = performance.now()
        handler.onRequestSent?.()
      },
      onBodySent: (chunk) => handler.onBodySent?.(chunk),
      onResponseStarted: () => handler.onResponseStarted?.(),
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (controller, err) => {
        this.isAddressRefused = (err as NodeJS.ErrnoException).code === addressRefused
        handler.onResponseError?.(controller, err)
      },
    })
  }
}

/** Connections to providers, kept alive and shared by all arms: a new connection would cost one arm its TTFT. */
export type Transport = {
  attempt(): Attempt
  /** To be used as the `fetch` of an SDK, with an attempt as `fetchOptions.dispatcher`. */
  fetch: typeof globalThis.fetch
  close(): Promise<void>
}

/** Names that may lie on a private network; any other name that resolves to a private address is not connected to. */
export type TransportOptions = {
  privateHosts?: ReadonlySet<string>
  onRefused?: (hostname: string, address: string) => void
  resolve?: Lookup
}

export function createTransport({ privateHosts, onRefused = () => {}, resolve }: TransportOptions = {}): Transport {
  const mayBePrivate = (host: string): boolean => namesPrivatePlace(host) || (privateHosts?.has(host) ?? false)
  // HTTP/1.1 on purpose: each call has a connection to itself, so that one arm's long answer never delays another's.
  // No timeouts here: the arm's deadline is the only clock, and it is the same for every arm.
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup: guardedLookup(mayBePrivate, onRefused, resolve) },
  })
  return {
    attempt: () => new Attempt(agent),
    fetch: keepResponse as unknown as typeof globalThis.fetch,
    close: () => agent.destroy(),
  }
}

async function keepResponse(url: string, init: RequestInit): Promise<Response> {
  // Followed, a redirect would hand the recorded prompt to whoever the provider names.
  const response = await fetch(url, { ...init, redirect: 'manual' })
  // An SDK reads the body of a failure itself; of a success only the head.
  const attempt = init.dispatcher as Attempt
  attempt.response = response.ok ? response : response.clone()
  return response
}
