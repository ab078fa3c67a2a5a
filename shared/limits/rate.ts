/** Ten seconds' worth may go at once: a full minute's burst plus the refill would be twice the rate in one minute. */
const burstMs = 10_000

/** `paidUntilMs`: when everything taken so far will have been refilled. `atMs`: when that was written. */
export type Bucket = { paidUntilMs: number; atMs: number }

/** How long until something may be taken. A call larger than the bucket passes when it is full; the next ones wait. */
export function waitMsOf(bucket: Bucket, perMinute: number, nowMs: number): number {
  // One call must always fit, however low the rate.
  const slackMs = Math.max(burstMs - 60_000 / perMinute, 0)
  const waitMs = sinceSetBack(bucket, nowMs).paidUntilMs - slackMs - nowMs
  // Below a microsecond it is rounding, not a wait.
  return waitMs > 0.001 ? waitMs : 0
}

/** A negative amount gives back. */
export function take(bucket: Bucket, amount: number, perMinute: number, nowMs: number): Bucket {
  const { paidUntilMs } = sinceSetBack(bucket, nowMs)
  const fromMs = amount < 0 ? paidUntilMs : Math.max(paidUntilMs, nowMs)
  return { paidUntilMs: fromMs + (amount * 60_000) / perMinute, atMs: nowMs }
}

/** A clock that was set back would lengthen every wait by as much. */
function sinceSetBack({ paidUntilMs, atMs }: Bucket, nowMs: number): Bucket {
  return atMs > nowMs ? { paidUntilMs: paidUntilMs - (atMs - nowMs), atMs: nowMs } : { paidUntilMs, atMs }
}
