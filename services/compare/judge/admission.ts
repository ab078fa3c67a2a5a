import { type ProviderConfig, type JudgeConfig } from '../../../shared/config/schema.ts'
import { type CallEnd, type LimitsState, type Need } from '../../../shared/limits/limits-state.ts'
import { isAccountFailure, isProviderFailure, type Ruling } from '../../../shared/providers/failures.ts'
import { pause, stopping } from '../../../shared/providers/retry.ts'

/** In the books beside the arms; no candidate can have this name. */
export const judgeName = 'compare.judge'

export type Used = { costUsd: number | null; tokens: number | null }
export type Admitted = {
  /** Waits until another attempt is within the limits; gives the time that took. */
  again(signal: AbortSignal): Promise<number>
  hold(waitMs: number): void
  /** Exactly once; null: what was estimated stays spent. */
  leave(used: Used): void
}
export type Entry =
  | { ok: true; admitted: Admitted }
  | { ok: false; reason: 'budget_reached' | 'limits' | 'provider_away' }

export type Admission = {
  /** Rejects with STAGE_STOPPING if the signal aborts while waiting. */
  enter(estimate: { tokens: number; costUsd: number | null }, signal: AbortSignal): Promise<Entry>
  /**
   * Told how each call ended. Calls that end without an answer one after the other leave the judge alone for a while:
   * comparisons would wait for each.
   */
  note(ruling: Ruling): void
}

const pollMs = 50
const toleratedTimeouts = 3
/** In times of the timeout. */
const timeoutPause = 5

/** Budget, rates and places of the judge, shared by all workers. Comparisons wait for a place no longer than for an answer. */
export function createAdmission(state: LimitsState, judge: JudgeConfig, provider: ProviderConfig): Admission {
  const { timeoutMs, limits, budgetUsdPerDay } = judge
  let timeouts = 0
  const admittedAs = (call: number, need: Need): Admitted => ({
    async again(signal) {
      const startedAtMs = performance.now()
      for (let waitMs = state.retry(need); waitMs > 0; waitMs = state.retry(need)) await pause(waitMs, signal)
      return performance.now() - startedAtMs
    },
    hold: (waitMs) => state.hold({ arm: judgeName }, waitMs),
    leave: (used) => state.settle(call, need, used),
  })
  return {
    async enter({ tokens, costUsd }, signal) {
      const budget = budgetUsdPerDay === undefined ? null : { limitUsd: budgetUsdPerDay, estimateUsd: costUsd ?? 0 }
      const need: Need = {
        arm: judgeName,
        provider: judge.provider,
        armLimits: limits,
        providerLimits: provider.limits,
        tokens,
        budget,
      }
      const endsAtMs = performance.now() + timeoutMs
      for (;;) {
        if (signal.aborted) throw stopping()
        const answer = state.admit([need])
        if (answer.kind === 'admitted') return { ok: true, admitted: admittedAs(answer.calls[0]!, need) }
        if (answer.kind !== 'wait') return { ok: false, reason: 'budget_reached' }
        const waitMs = answer.retryInMs ?? pollMs
        if (performance.now() + waitMs > endsAtMs) {
          return { ok: false, reason: answer.because === 'held' ? 'provider_away' : 'limits' }
        }
        await pause(Math.min(waitMs, 1_000), signal)
      }
    },
    note(ruling) {
      state.note(judge.provider, endOf(ruling))
      timeouts = ruling.outcome === 'failed' && ruling.failureKind === 'timeout' ? timeouts + 1 : 0
      if (timeouts >= toleratedTimeouts) state.hold({ arm: judgeName }, timeoutPause * timeoutMs)
    },
  }
}

function endOf(ruling: Ruling): CallEnd {
  if (isAccountFailure(ruling)) return 'refused'
  return isProviderFailure(ruling) ? 'failed' : 'well'
}
