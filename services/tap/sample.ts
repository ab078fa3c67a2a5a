import { createHash } from 'node:crypto'
import { type TapConfig } from '../../shared/config/schema.ts'

// A salt of the tap's own, so that its choice is independent of any canary or experiment that hashes the same key.
const salt = 'understudy/tap/sample/1'

/** The same key is always in or always out, with probability `rate` over keys. */
export function isSampled(key: string, rate: number): boolean {
  if (rate >= 1) return true
  const hash = createHash('sha256').update(salt).update('\0').update(key).digest()
  return hash.readUIntBE(0, 6) < rate * 2 ** 48
}

/** Keyed by request the choice is known at once; keyed by conversation it waits for the request's body. */
export function isSampledAtArrival(exchangeId: string, sample: TapConfig['sample']): boolean {
  return sample.by === 'conversation' || isSampled(exchangeId, sample.rate)
}
