import { setTimeout as sleep } from 'node:timers/promises'
import { UnderstudyError } from '../errors.ts'
import { type Reply } from './adapter.ts'
import { mayRetry } from './failures.ts'

export const maxAttempts = 3

export type RetryPolicy = {
  /** All waits together stay within this; the arm's own timeout. */
  maxWaitMs: number
  /** Told of a wait the provider asked for, so that the arm's other calls wait too. */
  onRetryAfter: (waitMs: number) => void
  /** Resolves when the arm's own limits allow another request; gives the time that took. */
  beforeRetry: () => Promise<number>
  signal: AbortSignal
}

export type Tried = { reply: Reply; attempts: number; waitedMs: number }

/**
 * Up to three attempts. Each has the arm's whole timeout for itself, so that an answer's latency is judged like the
 * control's; time between attempts is counted apart.
 */
export async function tryUntilAnswered(ask: () => Promise<Reply>, policy: RetryPolicy): Promise<Tried> {
  let waitedMs = 0
  for (let attempts = 1; ; attempts++) {
    const reply = await ask()
    if (!mayRetry(reply)) return { reply, attempts, waitedMs }
    const waitMs = reply.retryAfterMs ?? backoffMs(attempts)
    if (reply.retryAfterMs !== null) policy.onRetryAfter(Math.min(waitMs, policy.maxWaitMs))
    if (attempts === maxAttempts || waitedMs + waitMs > policy.maxWaitMs) return { reply, attempts, waitedMs }
    await pause(waitMs, policy.signal)
    waitedMs += waitMs + (await policy.beforeRetry())
  }
}

/** Rejects with STAGE_STOPPING when the signal aborts: an exchange half asked is asked again by whoever gets it next. */
export async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(waitMs, undefined, { signal })
  } catch (err) {
    throw stopping(err)
  }
}

export function stopping(cause?: unknown): UnderstudyError {
  return new UnderstudyError(
    'STAGE_STOPPING',
    'The stage is stopping: what it had in hand is left for the next delivery.',
    {
      cause,
    },
  )
}

/** Half a second, doubling to eight, up to a quarter less by chance, so that calls refused together return apart. */
function backoffMs(attempts: number): number {
  return Math.min(500 * 2 ** (attempts - 1), 8000) * (1 - Math.random() / 4)
}
