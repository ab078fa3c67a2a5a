import { type CandidateConfig } from '../../shared/config/schema.ts'
import { pause, stopping } from './retry.ts'

export type Limits = CandidateConfig['limits']

/** How fast one arm may be asked, in this process. */
export type Limiter = {
  /** Waits for a free place and for the rates; resolves with the time that took. Give the place back with `leave`. */
  enter(tokens: number, signal: AbortSignal): Promise<number>
  /** Waits for the rates only, for another attempt in the place already held. */
  again(tokens: number, signal: AbortSignal): Promise<number>
  /** Corrects the tokens counted on the way in by what the provider counted. */
  leave(tokensTooMany: number): void
  /** No request before this much time has passed. */
  hold(waitMs: number): void
}

/** Ten seconds' worth may go at once: a full minute's burst plus the refill would be twice the rate in one minute. */
const burstMs = 10_000

export function createLimiter(limits: Limits, now: () => number = () => performance.now()): Limiter {
  const places = createPlaces(limits.concurrency)
  const requests = createBucket(limits.requestsPerMinute)
  const tokens = createBucket(limits.tokensPerMinute)
  let heldUntilMs = 0

  async function again(count: number, signal: AbortSignal): Promise<number> {
    const startedAtMs = now()
    await pauseIfLong(Math.max(requests.take(1, startedAtMs), tokens.take(count, startedAtMs)), signal)
    // Another call may have been told to wait while this one did.
    while (heldUntilMs > now()) await pause(heldUntilMs - now(), signal)
    return now() - startedAtMs
  }

  return {
    again,
    async enter(count, signal) {
      const startedAtMs = now()
      await places.take(signal)
      try {
        await again(count, signal)
      } catch (err) {
        places.give()
        throw err
      }
      return now() - startedAtMs
    },
    leave(tokensTooMany) {
      tokens.giveBack(tokensTooMany)
      places.give()
    },
    hold(waitMs) {
      heldUntilMs = Math.max(heldUntilMs, now() + waitMs)
    },
  }
}

async function pauseIfLong(waitMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw stopping()
  // Below a microsecond it is rounding, not a wait.
  if (waitMs > 0.001) await pause(waitMs, signal)
}

/**
 * A token bucket by arrival times (GCRA): `paidUntilMs` is when everything taken so far will have been refilled. A call
 * larger than the bucket is let through once the bucket is full, and the next ones wait for it.
 */
function createBucket(perMinute: number | undefined) {
  const msEach = perMinute === undefined ? 0 : 60_000 / perMinute
  // One call must always fit, however low the rate.
  const slackMs = Math.max(burstMs - msEach, 0)
  let paidUntilMs = 0
  return {
    /** How long to wait before the taken amount may be used. */
    take(amount: number, nowMs: number): number {
      const waitMs = Math.max(0, paidUntilMs - slackMs - nowMs)
      paidUntilMs = Math.max(paidUntilMs, nowMs) + amount * msEach
      return waitMs
    },
    /** Negative: more was used than taken. */
    giveBack(amount: number): void {
      paidUntilMs -= amount * msEach
    },
  }
}

/** At most `count` holders at once, in order of arrival. */
function createPlaces(count: number) {
  let free = count
  const waiting = new Set<() => void>()
  return {
    async take(signal: AbortSignal): Promise<void> {
      if (signal.aborted) throw stopping()
      if (free > 0) {
        free--
        return
      }
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          waiting.delete(enter)
          reject(stopping())
        }
        const enter = (): void => {
          signal.removeEventListener('abort', abort)
          resolve()
        }
        waiting.add(enter)
        signal.addEventListener('abort', abort, { once: true })
      })
    },
    /** The place goes to whoever waited longest, else it is free. */
    give(): void {
      const [next] = waiting
      if (next === undefined) {
        free++
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
