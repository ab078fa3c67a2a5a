import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type NotAskedReason } from '../../shared/contracts/observation.ts'

/**
 * Why this exchange cannot be replayed at all: it has nothing to ask with, or no served answer to hold an arm's answer
 * against. Null: it can. Asking anyway would cost money and prove nothing.
 */
export function unusableBecause(exchange: Exchange): NotAskedReason | null {
  const { request, served } = exchange
  if (request.body.data === null || request.body.truncated) return 'body_not_captured'
  if (served.end !== 'complete') return 'served_incomplete'
  // An answer read to its end is a reference even where its bytes were too many to keep.
  if (served.answer === null) return 'body_not_captured'
  const isFailure = served.status === null || served.status < 200 || served.status > 299
  if (isFailure || served.answer.outcome === 'error') return 'served_error'
  return served.answer.complete ? null : 'served_incomplete'
}
