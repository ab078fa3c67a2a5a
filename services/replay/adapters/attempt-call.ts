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
  const ending = new AbortController()
  const end = (): void => {
    ending.abort()
    attempt.abort()
  }
  const timer = setTimeout(end, call.timeoutMs)
  call.signal.addEventListener('abort', end, { once: true })
  try {
    if (call.signal.aborted) throw brokenOff()
    const startedAtMs = performance.now()
    // Ask the wire, not the error: each SDK wraps a failure in classes of its own.
    await send(attempt, ending.signal).catch(() => {})
    const { response } = attempt
    const heard = response ? await receive(response, dialect, attempt.sentAtMs ?? startedAtMs) : silence
    const reply = { ...heard, connectMs: attempt.connectMs }
    if (call.signal.aborted) throw brokenOff()
    if (attempt.isAddressRefused) return { ...reply, end: 'address_refused' }
    return ending.signal.aborted ? { ...reply, end: 'timeout' } : reply
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', end)
  }
}

/** A call broken off because we stop says nothing about the provider. */
function brokenOff(): UnderstudyError {
  return new UnderstudyError('STAGE_STOPPING', 'Replay is stopping; the call was broken off.')
}

const silence: Omit<Reply, 'connectMs'> = {
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
