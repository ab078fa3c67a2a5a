import { sha256Hex } from '../../../shared/ids.ts'
import { type ReviewPlace } from '../../../shared/contracts/review.ts'

/** Shares of passes and failures that are drawn, as the config has them. */
export type Shares = { passes: number; failures: number }

const salt = 'understudy/review/1'

/**
 * A number in [0, 1) that hangs on the exchange's id alone: an exchange is drawn for every share above it. It has nothing to do with
 * the tap's own draw or a canary's, so what is drawn here is a random part of what was captured.
 */
export function fractionOf(exchangeId: string): number {
  return Number.parseInt(sha256Hex(`${salt}\n${exchangeId.toLowerCase()}`).slice(0, 13), 16) / 2 ** 52
}

/** The same in the engine, of a column. */
export const fractionSql = (column: string): string =>
  `bitShiftRight(reinterpretAsUInt64(reverse(substring(SHA256('${salt}\\n' || toString(${column})), 1, 8))), 12) / pow(2, 52)`

/** Where the served answer stands on the page: the same for the same pair, and in half of the pairs the first place. */
export function placeOfServed(exchangeId: string, arm: string): ReviewPlace {
  return Number.parseInt(sha256Hex(`${salt}/place\n${exchangeId.toLowerCase()}\n${arm}`).slice(0, 2), 16) % 2 === 0
    ? 1
    : 2
}
