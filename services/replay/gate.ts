import { type NotAskedReason } from '../../shared/contracts/observation.ts'
import { type Arm } from '../../shared/config/arms.ts'
import { type Logger } from '../../shared/logger.ts'
import { createBudget, type Reservation } from './budget.ts'
import { type OwnFailure, type Ruling } from './failures.ts'
import { createLimiter } from './limits.ts'

/** What a call will probably use; null: the model has no price. */
export type Estimate = { tokens: number; costUsd: number | null }

/** What a call used; null is unknown, and then the estimate stands. */
export type Used = { tokens: number | null; costUsd: number | null }

export type Admission =
  | { admitted: false; reason: NotAskedReason }
  | {
      admitted: true
      /** Time spent waiting for limits. */
      waitedMs: number
      /** Waits until another attempt is within the limits; gives the time that took. */
      again(signal: AbortSignal): Promise<number>
      /** Gives everything back, exactly once; nothing used where no call was made. */
      leave(used: Used): void
    }

/** Decides whether and when one arm may be asked: its budget, its limits, and whether asking makes sense at all. */
export type Gate = {
  /** Rejects with STAGE_STOPPING if the signal aborts while waiting. */
  enter(estimate: Estimate, signal: AbortSignal): Promise<Admission>
  /** Told how each call ended. */
  note(ruling: Ruling): void
  /** The provider asked for a pause; all calls of the arm keep it. */
  hold(waitMs: number): void
}

const toleratedOwnFailures = 3
const ownFailurePauseMs = 30_000

export type GateTools = { logger: Logger; now?: () => Date }

export function createGate(arm: Arm, { logger, now = () => new Date() }: GateTools): Gate {
  const limiter = createLimiter(arm.limits)
  const budget = arm.budgetUsdPerDay === null ? null : createBudget(arm.budgetUsdPerDay, now)
  const told = onceEach<NotAskedReason>((reason) => logger.error({ arm: arm.name, reason }, cures[reason] ?? ''))
  const breaker = createBreaker(now)

  async function reserve(estimate: Estimate): Promise<Reservation | NotAskedReason> {
    if (budget === null) return { settle: () => {} }
    if (estimate.costUsd === null) return 'unpriced'
    const reservation = await budget.reserve(estimate.costUsd)
    return reservation === 'reached' ? 'budget_reached' : reservation
  }

  return {
    async enter(estimate, signal) {
      const reservation = breaker.openFor() ?? (await reserve(estimate))
      if (typeof reservation === 'string') {
        told.tell(reservation)
        return { admitted: false, reason: reservation }
      }
      // A budget that was reached is told again when it is reached on another day.
      told.forget('budget_reached')
      try {
        const waitedMs = await limiter.enter(estimate.tokens, signal)
        return {
          admitted: true,
          waitedMs,
          again: (signal) => limiter.again(estimate.tokens, signal),
          leave({ tokens, costUsd }) {
            reservation.settle(costUsd)
            limiter.leave(tokens === null ? 0 : estimate.tokens - tokens)
          },
        }
      } catch (err) {
        reservation.settle(0)
        throw err
      }
    },
    note(ruling) {
      const own = ruling.outcome === 'not_asked' ? ruling.notAskedReason : null
      breaker.note(own)
      if (own !== null) return told.tell(own)
      if (ruling.outcome === 'answered') for (const reason of ownFailures) told.forget(reason)
    },
    hold: (waitMs) => limiter.hold(waitMs),
  }
}

const ownFailures: readonly OwnFailure[] = ['credentials_rejected', 'quota', 'model_not_found']

const cures: Partial<Record<NotAskedReason, string>> = {
  credentials_rejected:
    'the provider rejects our key: correct apiKey of this provider; until then the arm is not asked',
  quota: 'our account at the provider is exhausted: raise its quota; until then the arm is not asked',
  model_not_found: 'the provider knows no such model or address: correct model or baseUrl; until then it is not asked',
  budget_reached: 'the budget of the day is spent: the arm pauses until midnight UTC',
  unpriced: 'a budget is set and the model has no price: add it to the price file or remove budgetUsdPerDay',
}

/**
 * Stops asking for half a minute after several refusals in a row that only the operator can cure. A candidate's own
 * failures never open it: leaving them out would reward a model for being down.
 */
function createBreaker(now: () => Date) {
  let inARow = 0
  let last: OwnFailure | null = null
  let openUntilMs = 0
  return {
    openFor: (): OwnFailure | null => (now().getTime() < openUntilMs ? last : null),
    note(reason: OwnFailure | null): void {
      last = reason
      inARow = reason === null ? 0 : inARow + 1
      if (inARow >= toleratedOwnFailures) openUntilMs = now().getTime() + ownFailurePauseMs
    },
  }
}

/** Says each thing once, until it is forgotten. */
function onceEach<Key>(say: (key: Key) => void) {
  const said = new Set<Key>()
  return {
    tell(key: Key): void {
      if (!said.has(key)) say(key)
      said.add(key)
    },
    forget: (key: Key): void => void said.delete(key),
  }
}
