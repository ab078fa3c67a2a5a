import { type Arm } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type NotAskedReason } from '../../shared/contracts/observation.ts'
import { errorCode } from '../../shared/errors.ts'
import { type Logger } from '../../shared/logger.ts'
import { isAccountFailure, isProviderFailure, type OwnFailure, type Ruling } from '../../shared/providers/failures.ts'
import { onAbort } from '../../shared/providers/on-abort.ts'
import { pause, stopping } from '../../shared/providers/retry.ts'
import { type Answer, type CallEnd, type Need, type LimitsState } from '../../shared/limits/limits-state.ts'

/** What a call will probably use; null: the model has no price. */
export type Estimate = { inputTokens: number; outputTokens: number; costUsd: number | null }

/** What a call used; null is unknown, and then the estimate stands. */
export type Used = { tokens: number | null; costUsd: number | null }

export type Want = { arm: Arm; provider: string; estimate: Estimate }

/** Leave to make one call. */
export type Place = {
  /** Waits until another attempt is within the limits; gives the time that took. */
  again(signal: AbortSignal): Promise<number>
  /** Gives everything back, exactly once; nothing used where no call was made. */
  leave(used: Used): void
}

export type Entry =
  /** A place for each want, in their order. */
  | { admitted: true; places: Place[]; waitedMs: number }
  | { admitted: false; refusals: ReadonlyMap<string, NotAskedReason> }

/** Decides whether and when the arms of an exchange may be asked: budgets, limits, pauses, and whether asking makes sense. */
export type Gate = {
  /** All arms together or none. Rejects with STAGE_STOPPING if the signal aborts while waiting. */
  enter(wants: readonly Want[], signal: AbortSignal): Promise<Entry>
  /** Told how each call ended. */
  note(arm: string, provider: string, ruling: Ruling): void
  /** The provider asked for a pause; all calls of the arm keep it. */
  hold(arm: string, waitMs: number): void
}

export type GateTools = {
  state: LimitsState
  providers: Config['providers']
  logger: Logger
  /** How long a candidate that can be asked by nobody is waited for. */
  armWaitMs?: number
  now?: () => Date
}

/** Places and pauses may be given back by another process, which nobody tells us about. */
const pollMs = 50
const longestPollMs = 1_000

export function createGate({
  state,
  providers,
  logger,
  armWaitMs = Infinity,
  now = () => new Date(),
}: GateTools): Gate {
  const queue = createQueue(state, armWaitMs)
  const breaker = createArmBreaker(now)
  const told = new Set<string>()

  function tell(arm: string, reason: NotAskedReason): void {
    if (!told.has(`${arm}/${reason}`)) logger.error({ arm, reason }, cures[reason] ?? '')
    told.add(`${arm}/${reason}`)
  }

  function refusalOf({ arm, estimate }: Want): NotAskedReason | null {
    if (arm.budgetUsdPerDay !== null && estimate.costUsd === null) return 'unpriced'
    return breaker.openFor(arm.name)
  }

  /** An answer that is paid for goes on, whatever becomes of the books. */
  function writeDown<T>(arm: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (err) {
      logger.error({ code: errorCode(err), arm }, 'how a call ended could not be written down')
      return undefined
    }
  }

  const needOf = ({ arm, provider, estimate }: Want): Need => ({
    arm: arm.name,
    provider,
    armLimits: arm.limits,
    providerLimits: providers[provider]!.limits,
    tokens: estimate.inputTokens + estimate.outputTokens,
    budget: arm.budgetUsdPerDay === null ? null : { limitUsd: arm.budgetUsdPerDay, estimateUsd: estimate.costUsd ?? 0 },
  })

  function refuse(refusals: ReadonlyMap<string, NotAskedReason>): Entry {
    for (const [arm, reason] of refusals) tell(arm, reason)
    return { admitted: false, refusals }
  }

  function placeOf(call: number, need: Need): Place {
    return {
      async again(signal) {
        const startedAtMs = performance.now()
        for (let waitMs = state.retry(need); waitMs > 0; waitMs = state.retry(need)) await pause(waitMs, signal)
        return performance.now() - startedAtMs
      },
      leave(used) {
        state.settle(call, need, used)
        queue.pump()
      },
    }
  }

  return {
    async enter(wants, signal) {
      const refusals = new Map(
        wants.flatMap((want) => {
          const reason = refusalOf(want)
          return reason === null ? [] : [[want.arm.name, reason] as const]
        }),
      )
      if (refusals.size > 0) return refuse(refusals)
      const startedAtMs = performance.now()
      const needs = wants.map(needOf)
      const answer = await queue.wait(needs, signal)
      if (answer.kind === 'reached') return refuse(new Map(answer.arms.map((arm) => [arm, 'budget_reached'])))
      if (answer.kind === 'away') return refuse(answer.arms)
      // Told again when it comes again.
      for (const { arm } of needs) for (const reason of passing) told.delete(`${arm}/${reason}`)
      return {
        admitted: true,
        places: answer.calls.map((call, index) => placeOf(call, needs[index]!)),
        waitedMs: performance.now() - startedAtMs,
      }
    },
    note(arm, provider, ruling) {
      const own = ruling.outcome === 'not_asked' ? ruling.notAskedReason : null
      breaker.note(arm, own)
      if (own === 'model_not_found') tell(arm, own)
      if (ruling.outcome === 'answered') told.delete(`${arm}/model_not_found`)
      const pauseMs = writeDown(arm, () => state.note(provider, endOf(ruling))) ?? null
      if (pauseMs === null) return
      const reason = own ?? (ruling.outcome === 'failed' ? ruling.failureKind : null)
      logger.error({ provider, reason, pauseMs }, isAccountFailure(ruling) ? cures[own!]! : providerIsDown)
    },
    hold: (arm, waitMs) => writeDown(arm, () => state.hold({ arm }, waitMs)),
  }
}

function endOf(ruling: Ruling): CallEnd {
  if (isAccountFailure(ruling)) return 'refused'
  return isProviderFailure(ruling) ? 'failed' : 'well'
}

const passing: readonly NotAskedReason[] = ['budget_reached', 'paused', 'breaker_open']

const providerIsDown = 'the provider fails call after call: exchanges wait until it answers again'

const cures: Partial<Record<NotAskedReason, string>> = {
  credentials_rejected: 'the provider rejects our key: correct apiKey of this provider; until then exchanges wait',
  quota: 'our account at the provider is exhausted: raise its quota; until then exchanges wait',
  model_not_found: 'the provider knows no such model or address: correct model or baseUrl; until then it is not asked',
  budget_reached: 'the budget of the day is spent: the arm pauses until midnight UTC',
  paused: 'the arm is paused for longer than replay.armWaitMs: the other arms go on without it',
  breaker_open: 'the provider is away for longer than replay.armWaitMs: the arms of other providers go on without it',
  unpriced: 'a budget is set and the model has no price: add it to the price file or remove budgetUsdPerDay',
}

type Decided = Exclude<Answer, { kind: 'wait' }>
type Waiter = { needs: readonly Need[]; decide: (answer: Decided) => void; fail: (err: unknown) => void }

/**
 * Exchanges in order of arrival, for each arm; one that waits holds nothing, and stops only those that share an arm. All
 * that came in one turn of the event loop is decided at its end, in one commit: that costs more than what is in it.
 */
function createQueue(state: LimitsState, armWaitMs: number) {
  const waiting = new Set<Waiter>()
  let timer: NodeJS.Timeout | undefined
  let due: NodeJS.Immediate | undefined

  function pump(): void {
    if (waiting.size > 0) due ??= setImmediate(decideAll)
  }

  function decideAll(): void {
    clearTimeout(timer)
    due = undefined
    try {
      const { decided, retryInMs } = state.together(admitAll)
      for (const [waiter, answer] of decided) waiter.decide(answer)
      if (waiting.size > 0) timer = setTimeout(pump, retryInMs)
    } catch (err) {
      for (const waiter of waiting) waiter.fail(err)
    }
  }

  function admitAll() {
    const decided: [Waiter, Decided][] = []
    const blocked = new Set<string>()
    let retryInMs = longestPollMs
    for (const waiter of waiting) {
      const isNext = !waiter.needs.some(({ arm }) => blocked.has(arm))
      const answer = isNext ? state.admit(waiter.needs, armWaitMs) : null
      if (answer !== null && answer.kind !== 'wait') {
        decided.push([waiter, answer])
        continue
      }
      if (answer !== null) retryInMs = Math.min(retryInMs, answer.retryInMs ?? pollMs)
      for (const { arm } of waiter.needs) blocked.add(arm)
    }
    return { decided, retryInMs }
  }

  return {
    pump,
    wait(needs: readonly Need[], signal: AbortSignal): Promise<Decided> {
      if (signal.aborted) return Promise.reject(stopping())
      return new Promise((resolve, reject) => {
        const abort = (): void => waiter.fail(stopping())
        const settle = (work: () => void): void => {
          waiting.delete(waiter)
          leave()
          work()
        }
        const waiter: Waiter = {
          needs,
          decide: (answer) => settle(() => resolve(answer)),
          fail: (err) => settle(() => reject(err)),
        }
        const leave = onAbort(signal, abort)
        waiting.add(waiter)
        pump()
      })
    },
  }
}

const toleratedOwnFailures = 3
const ownFailurePauseMs = 30_000

/**
 * Stops asking an arm for half a minute after several refusals in a row of its model or address, which only the operator
 * can cure. A candidate's own failures never open it: leaving them out would reward a model for being down.
 */
function createArmBreaker(now: () => Date) {
  const arms = new Map<string, { inARow: number; openUntilMs: number }>()
  return {
    openFor: (arm: string): OwnFailure | null =>
      now().getTime() < (arms.get(arm)?.openUntilMs ?? 0) ? 'model_not_found' : null,
    note(arm: string, reason: OwnFailure | null): void {
      if (reason !== 'model_not_found') return void arms.delete(arm)
      const inARow = (arms.get(arm)?.inARow ?? 0) + 1
      arms.set(arm, {
        inARow,
        openUntilMs: inARow >= toleratedOwnFailures ? now().getTime() + ownFailurePauseMs : 0,
      })
    },
  }
}
