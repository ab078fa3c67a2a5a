import { type Reply } from './adapter.ts'

type Headers = { get(name: string): string | null }

/** What the answer's headers say about trying again: `retry-after-ms`, `retry-after` (RFC 9110), `x-should-retry`. */
export function adviceOf(headers: Headers, nowMs: number): Pick<Reply, 'retryAfterMs' | 'retryAdvised'> {
  const word = headers.get('x-should-retry')
  return {
    retryAfterMs: retryAfterMs(headers, nowMs),
    retryAdvised: word === 'true' ? true : word === 'false' ? false : null,
  }
}

function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const precise = waitOf(headers.get('retry-after-ms'), 1)
  if (precise !== null) return precise
  const value = headers.get('retry-after')
  const seconds = waitOf(value, 1000)
  // A date has letters; without this check "-1" would be read as one.
  if (seconds !== null || value === null || !/[a-z]/i.test(value)) return seconds
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

function waitOf(value: string | null, unitMs: number): number | null {
  if (value === null || value.trim() === '') return null
  const amount = Number(value)
  return Number.isFinite(amount) && amount >= 0 ? amount * unitMs : null
}
