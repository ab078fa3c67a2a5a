import { type Config } from '../../shared/config/schema.ts'
import { pause } from '../../shared/providers/retry.ts'

export type Clock = { nowMs(): number; wait(waitMs: number, signal: AbortSignal): Promise<void> }

/** Resolves when an exchange captured then is due. Rejects with STAGE_STOPPING if the signal aborts. */
export type Pace = (capturedAt: string, signal: AbortSignal) => Promise<void>

/**
 * Exchanges at the rhythm they were captured at, or a multiple of it, from the first one this process sees. One that is
 * late is asked at once, and the next ones are due when they would have been: what holds replay up does not slow it down.
 */
export function createPace(pace: Config['replay']['pace'], clock: Clock = realClock): Pace {
  if (pace === 'asap') return () => Promise.resolve()
  const speed = pace === 'live' ? 1 : Number.parseFloat(pace)
  let first: { capturedMs: number; atMs: number } | undefined
  return async (capturedAt, signal) => {
    const capturedMs = Date.parse(capturedAt)
    first ??= { capturedMs, atMs: clock.nowMs() }
    const waitMs = first.atMs + (capturedMs - first.capturedMs) / speed - clock.nowMs()
    if (waitMs > 0) await clock.wait(waitMs, signal)
  }
}

/** The longest that a timer can wait. */
const longestWaitMs = 2 ** 31 - 1

const realClock: Clock = {
  nowMs: () => performance.now(),
  async wait(waitMs, signal) {
    for (let leftMs = waitMs; leftMs > 0; leftMs -= longestWaitMs) await pause(Math.min(leftMs, longestWaitMs), signal)
  },
}
