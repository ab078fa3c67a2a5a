import { controlArm } from '../../shared/config/arms.ts'
import { type NotAskedReason, type Observation } from '../../shared/contracts/observation.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Reply } from './adapters/adapter.ts'
import { estimateOf, tokensOf } from './costs.ts'
import { rule } from './failures.ts'
import { type Admission, type Used } from './gate.ts'
import { modelOf, notAsked, observed } from './observe.ts'
import { type Question } from './question.ts'
import { tryUntilAnswered } from './retry.ts'

export type ReplayTools = {
  prices: PriceBook
  /** Aborts when no exchange should be begun any more; calls in flight go on. */
  draining: AbortSignal
  /** Aborts when calls in flight must end too. */
  halted: AbortSignal
}

type Admitted = Question & { admission: Extract<Admission, { admitted: true }> }

/**
 * Admits every arm before the first is asked, so that one arm's rate limit delays all of them alike and a pair is always
 * asked at the same time. Arms are admitted in the order of the config: two exchanges that each hold what the other
 * waits for cannot happen.
 */
export async function askTogether(questions: readonly Question[], tools: ReplayTools): Promise<Observation[]> {
  const admitted: Admitted[] = []
  const refused: Observation[] = []
  const refuse = ({ subject }: Question, reason: NotAskedReason): void => void refused.push(notAsked(subject, reason))
  try {
    for (const question of candidatesFirst(questions)) {
      // The control costs what a candidate costs and is of no use without one.
      if (isControl(question) && !admitted.some((each) => !isControl(each))) {
        refuse(question, 'no_pair')
        continue
      }
      const admission = await question.gate.enter(estimate(question, tools), tools.draining)
      if (admission.admitted) admitted.push({ ...question, admission })
      else refuse(question, admission.reason)
    }
  } catch (err) {
    for (const { admission } of admitted) admission.leave(nothing)
    throw err
  }
  return [...refused, ...(await allSettled(shuffled(admitted).map((each) => ask(each, tools))))]
}

const isControl = ({ subject }: Question): boolean => subject.arm.name === controlArm

function candidatesFirst(questions: readonly Question[]): Question[] {
  return [...questions.filter((each) => !isControl(each)), ...questions.filter(isControl)]
}

function estimate({ subject, call }: Question, { prices }: ReplayTools) {
  return estimateOf(subject.exchange, call.body, modelOf(subject.arm, subject.exchange), new Date(), prices)
}

async function ask({ subject, gate, adapter, call, admission }: Admitted, tools: ReplayTools): Promise<Observation> {
  const { timeoutMs } = subject.arm
  let used: Used = { tokens: null, costUsd: null }
  const askedAt = new Date()
  try {
    const tried = await tryUntilAnswered(() => adapter.ask({ ...call, timeoutMs, signal: tools.halted }), {
      maxWaitMs: timeoutMs,
      onRetryAfter: (waitMs) => gate.hold(waitMs),
      beforeRetry: () => admission.again(tools.draining),
      signal: tools.draining,
    })
    gate.note(rule(tried.reply))
    const waitedMs = admission.waitedMs + tried.waitedMs
    const observation = observed(subject, { ...tried, waitedMs }, askedAt, tools.prices)
    used = isFree(tried.reply) ? nothing : { tokens: tokensOf(observation.answer), costUsd: observation.costUsd }
    return observation
  } finally {
    admission.leave(used)
  }
}

const nothing: Used = { tokens: 0, costUsd: 0 }

/** A refusal is not billed. Of an answer that broke off nobody knows, so what was reserved for it stays spent. */
function isFree({ end, status }: Reply): boolean {
  return end === 'unreachable' || (status !== null && (status < 200 || status > 299))
}

/** All of them, or the first rejection once every other call has ended and given back what it held. */
async function allSettled(calls: readonly Promise<Observation>[]): Promise<Observation[]> {
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
