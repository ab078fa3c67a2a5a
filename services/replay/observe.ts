import { type Arm } from '../../shared/config/arms.ts'
import { type Dialect, type Exchange } from '../../shared/contracts/exchange.ts'
import { type Loss, type NotAskedReason, type Observation } from '../../shared/contracts/observation.ts'
import { deterministicUuid } from '../../shared/ids.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { costOf } from '../../shared/pricing/answer-cost.ts'
import { rule, type Ruling } from '../../shared/providers/failures.ts'
import { type Tried } from '../../shared/providers/retry.ts'

/** What is known of an observation before its arm is asked. */
export type Subject = { exchange: Exchange; arm: Arm; provider: string; dialect: Dialect; losses: Loss[] }

/** The model to ask for: the arm's, or for the control the one that was served. */
export function modelOf(arm: Arm, exchange: Exchange): string {
  return arm.model ?? exchange.request.model ?? exchange.served.answer?.model ?? 'unknown'
}

export function notAsked(subject: Subject, reason: NotAskedReason, now = new Date()): Observation {
  return { ...blank(subject, now), outcome: 'not_asked', notAskedReason: reason }
}

/** What came back, in full: also of a failure everything that arrived is kept. */
export function observed(subject: Subject, tried: Tried, askedAt: Date, prices: PriceBook): Observation {
  const { reply, attempts, waitedMs } = tried
  return {
    ...blank(subject, askedAt),
    ...outcomeOf(rule(reply)),
    status: reply.status,
    answer: reply.answer,
    chunks: reply.chunks,
    connectMs: reply.connectMs,
    ttftMs: reply.ttftMs,
    totalMs: reply.totalMs,
    attempts,
    waitedMs,
    costUsd: costOf(reply.answer, modelOf(subject.arm, subject.exchange), askedAt, prices),
  }
}

function outcomeOf(ruling: Ruling): Pick<Observation, 'outcome' | 'failureKind' | 'notAskedReason'> {
  return { failureKind: null, notAskedReason: null, ...ruling }
}

function blank({ exchange, arm, provider, dialect, losses }: Subject, askedAt: Date): Observation {
  return {
    version: 1,
    observationId: deterministicUuid('observation', exchange.exchangeId, arm.name, arm.fingerprint),
    exchangeId: exchange.exchangeId,
    arm: arm.name,
    armFingerprint: arm.fingerprint,
    askedAt: askedAt.toISOString(),
    dialect,
    provider,
    model: modelOf(arm, exchange),
    streamed: exchange.request.streamed,
    outcome: 'not_asked',
    notAskedReason: null,
    failureKind: null,
    status: null,
    answer: null,
    chunks: [],
    ttftMs: null,
    totalMs: null,
    attempts: 0,
    waitedMs: 0,
    costUsd: null,
    losses,
  }
}
