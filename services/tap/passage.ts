import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { type RawHeaders } from './headers.ts'
import { type Inbound } from './inbound.ts'
import { type Stopwatch } from './stopwatch.ts'
import { type Pool } from './upstreams.ts'

/** Sees everything that passes. Its methods must not throw and must not wait: they stand in the way of the answer. */
export type Watcher = {
  requestBytes(bytes: Uint8Array): void
  /** The request's last byte was handed to the upstream's socket. */
  requestSent(): void
  answerHead(status: number, headers: RawHeaders): void
  answerBytes(bytes: Uint8Array): void
  /** The upstream's last byte is here; the client may still be reading. */
  answerEnd(): void
  /** Called exactly once, last. */
  end(end: WireEnd): void
}

/** One exchange on its way. `path` is what the upstream is asked for. */
export type Passage = {
  inbound: Inbound
  pool: Pool
  upstream: string
  path: string
  watcher: Watcher
  /** Runs while the tap itself keeps a head waiting: from arrival to the socket, once on the way up, once down. */
  stopwatch: Stopwatch
}
