import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Call, type Reply } from './adapter.ts'
import { receive } from './receive.ts'
import { type Attempt, type Transport } from './transport.ts'

/** How an SDK is made to send: it settles when the head is there, or throws; both are ignored in favour of the wire. */
export type Send = (attempt: Attempt, signal: AbortSignal) => Promise<unknown>

/** One attempt through an SDK, read from the wire, with the call's deadline over all of it. */
export async function attemptCall(transport: Transport, dialect: Dialect, call: Call, send: Send): Promise<Reply> {
  const attempt = transport.attempt()
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), call.timeoutMs)
  const signal = AbortSignal.any([deadline.signal, call.signal])
  const abort = (): void => attempt.abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const startedAtMs = performance.now()
    // Ask the wire, not the error: each SDK wraps a failure in classes of its own.
    await send(attempt, signal).catch(() => {})
    const { response } = attempt
    const reply = response ? await receive(response, dialect, attempt.sentAtMs ?? startedAtMs) : silence
    // A call broken off because we stop says nothing about the provider.
    if (call.signal.aborted) throw new UnderstudyError('STAGE_STOPPING', 'Replay is stopping; the call was broken off.')
    return deadline.signal.aborted ? { ...reply, end: 'timeout' } : reply
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

const silence: Reply = {
  end: 'unreachable',
  status: null,
  streamed: false,
  answer: null,
  sizeBytes: 0,
  chunks: [],
  ttftMs: null,
  totalMs: null,
  retryAfterMs: null,
  retryAdvised: null,
}

/** The headers to send on: recorded traffic chooses their values, never their names. */
export function pickHeaders(headers: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}
