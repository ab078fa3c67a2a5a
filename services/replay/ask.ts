import { controlArm } from '../../shared/config/arms.ts'
import { type NotAskedReason, type Observation } from '../../shared/contracts/observation.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Reply } from '../../shared/providers/adapter.ts'
import { tokensOf } from '../../shared/pricing/answer-cost.ts'
import { estimateOf } from './costs.ts'
import { isAccountFailure, rule, type Ruling } from '../../shared/providers/failures.ts'
import { type Entry, type Gate, type Place, type Used, type Want } from './gate.ts'
import { modelOf, notAsked, observed } from './observe.ts'
import { type Question } from './question.ts'
import { tryUntilAnswered } from '../../shared/providers/retry.ts'

export type ReplayTools = {
  gate: Gate
  prices: PriceBook
  /** Aborts when no exchange should be begun any more; calls in flight go on. */
  draining: AbortSignal
  /** Aborts when calls in flight must end too. */
  halted: AbortSignal
}

type Asked = { observation: Observation; ruling: Ruling }

/**
 * Admits all arms before the first is asked, so that one arm's rate limit delays all of them alike and a pair is always
 * asked at the same time. Where a provider does not let our account in, all are asked again when it does: an answer of
 * one arm from before that wait would be paired with an answer from after it.
 */
export async function askTogether(questions: readonly Question[], tools: ReplayTools): Promise<Observation[]> {
  const refused: Observation[] = []
  let left = [...questions]
  for (;;) {
    // The control costs what a candidate costs and is of no use without one.
    const reasons = new Map<string, NotAskedReason>(left.every(isControl) ? [[controlArm, 'no_pair']] : [])
    if (reasons.size === 0) {
      const entry = await tools.gate.enter(
        left.map((question) => wantOf(question, tools)),
        tools.draining,
      )
      if (entry.admitted) {
        const asked = await askAdmitted(left, entry, tools)
        if (asked.some(({ ruling }) => isAccountFailure(ruling))) continue
        return [...refused, ...asked.map(({ observation }) => observation)]
      }
      for (const [arm, reason] of entry.refusals) reasons.set(arm, reason)
    }
    const isRefused = ({ subject }: Question): boolean => reasons.has(subject.arm.name)
    refused.push(...left.filter(isRefused).map(({ subject }) => notAsked(subject, reasons.get(subject.arm.name)!)))
    left = left.filter((question) => !isRefused(question))
    if (left.length === 0) return refused
  }
}

const isControl = ({ subject }: Question): boolean => subject.arm.name === controlArm

function wantOf({ subject, call }: Question, { prices }: ReplayTools): Want {
  const { arm, provider, exchange } = subject
  return { arm, provider, estimate: estimateOf(exchange, call.body, modelOf(arm, exchange), new Date(), prices) }
}

function askAdmitted(
  questions: readonly Question[],
  { places, waitedMs }: Extract<Entry, { admitted: true }>,
  tools: ReplayTools,
): Promise<Asked[]> {
  const calls = questions.map((question, index) => ({ question, place: places[index]! }))
  return allSettled(shuffled(calls).map(({ question, place }) => ask(question, place, waitedMs, tools)))
}

async function ask(question: Question, place: Place, admittedAfterMs: number, tools: ReplayTools): Promise<Asked> {
  const { subject, adapter, call } = question
  const { name, timeoutMs } = subject.arm
  let used: Used = { tokens: null, costUsd: null }
  const askedAt = new Date()
  try {
    const tried = await tryUntilAnswered(() => adapter.ask({ ...call, timeoutMs, signal: tools.halted }), {
      maxWaitMs: timeoutMs,
      onRetryAfter: (waitMs) => tools.gate.hold(name, waitMs),
      beforeRetry: () => place.again(tools.draining),
      signal: tools.draining,
    })
    const ruling = rule(tried.reply)
    tools.gate.note(name, subject.provider, ruling)
    const waitedMs = admittedAfterMs + tried.waitedMs
    const observation = observed(subject, { ...tried, waitedMs }, askedAt, tools.prices)
    used = isFree(tried.reply) ? nothing : { tokens: tokensOf(observation.answer), costUsd: observation.costUsd }
    return { observation, ruling }
  } finally {
    place.leave(used)
  }
}

const nothing: Used = { tokens: 0, costUsd: 0 }

/** A refusal is not billed. Of an answer that broke off nobody knows, so what was reserved for it stays spent. */
function isFree({ end, status }: Reply): boolean {
  return end === 'unreachable' || end === 'address_refused' || (status !== null && (status < 200 || status > 299))
}

/** All of them, or the first rejection once every other call has ended and given back what it held. */
async function allSettled<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls)
  return Promise.all(calls)
}

/** Fisher–Yates: every order equally likely. */
function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const pick = Math.floor(Math.random() * (last + 1))
    ;[order[last], order[pick]] = [order[pick]!, order[last]!]
  }
  return order
}
