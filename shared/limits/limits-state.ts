import { type CandidateConfig, type ProviderConfig } from '../config/schema.ts'

export type ArmLimits = CandidateConfig['limits']
export type ProviderLimits = ProviderConfig['limits']

/** What asking one arm takes. */
export type Need = {
  arm: string
  provider: string
  armLimits: ArmLimits
  providerLimits: ProviderLimits
  tokens: number
  /** Null: the arm has no budget. */
  budget: { limitUsd: number; estimateUsd: number } | null
}

/** Why an exchange waits. */
export type Obstacle = 'paused' | 'held' | 'place' | 'rate' | 'budget'

/** Why an arm can be asked by nobody: a person paused it, or its provider is left alone. */
export type Absence = 'paused' | 'breaker_open'

/** Where an exchange lies in the log. */
export type Place = { partition: number; offset: string }

export type Held = { arm: string } | { provider: string }

export type Answer =
  /** One call for each need, in their order. */
  | { kind: 'admitted'; calls: number[] }
  /** `retryInMs` null: nobody can say; something has to end first. */
  | { kind: 'wait'; because: Obstacle; retryInMs: number | null }
  /** These arms have spent the day's budget. */
  | { kind: 'reached'; arms: string[] }
  /** These candidates have been away for too long; the others of the exchange need not wait for them. */
  | { kind: 'away'; arms: ReadonlyMap<string, Absence> }

/** How a call ended, as far as its provider is concerned: `refused` is an account that is not let in. */
export type CallEnd = 'well' | 'failed' | 'refused'

/**
 * What all workers of the consumer group know together: rates, calls in flight, spending, pauses. A call is written down
 * before it is made and settled after it, so that whoever is killed in between has spent what was estimated.
 */
export type LimitsState = {
  /**
   * All of them or none: an exchange that holds what another waits for cannot happen. A candidate that has been away for
   * `armWaitMs` is waited for no longer, where another one is left to be asked; the control always is.
   */
  admit(needs: readonly Need[], armWaitMs?: number): Answer
  /** All that is asked of this state within `work`, in one commit; throws where that fails, and then none of it happened. */
  together<T>(work: () => T): T
  /** Takes the rates for another attempt; 0, or how long to wait before asking again. */
  retry(need: Need): number
  /**
   * Puts what a call used in the estimate's place; null: unknown, and the estimate stands. Written within two turns of the
   * event loop, or as soon as that is possible; until then the call counts as in flight.
   */
  settle(call: number, need: Need, used: { costUsd: number | null; tokens: number | null }): void
  /** No call of the arm, or to the provider, before this much time has passed. */
  hold(held: Held, waitMs: number): void
  /** Tells how a call ended; gives for how long its provider is left alone from now on, or null. */
  note(provider: string, end: CallEnd): number | null
  /**
   * Remembers that the observations of this record are in the log, until its offset is committed. Once it resolves, that is
   * known to whoever is asked for the record again before any other call is admitted here.
   */
  markDone(delivery: Place, exchangeId: string): Promise<void>
  isDone(delivery: Place, exchangeId: string): boolean
  /** What lies before this place is committed. */
  forgetBefore(delivery: Place): void
  setPaused(arm: string, isPaused: boolean): void
  paused(): string[]
  /** Since when and why the arm can be asked by nobody; null: it can. */
  absenceOf(arm: string, provider: string): { because: Absence; sinceMs: number } | null
  /** Of the UTC day, what is in flight included. */
  spentUsd(arm: string): number
  close(): Promise<void>
}
