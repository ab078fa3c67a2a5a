import { isDeepStrictEqual } from 'node:util'
import { type Arm, controlArm } from '../../shared/config/arms.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import {
  type Loss,
  type NotAskedReason,
  type Observation,
  type ObservationSet,
} from '../../shared/contracts/observation.ts'
import { type JsonObject } from '../../shared/dialects/dialect.ts'
import { translate } from '../../shared/dialects/dialects.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { type Adapter, type Call, type Reply } from './adapters/adapter.ts'
import { costOf, estimateOf, tokensOf } from './costs.ts'
import { rule } from './failures.ts'
import { type Admission, type Gate, type Used } from './gate.ts'
import { modelOf, notAsked, observed, type Subject } from './observe.ts'
import { unusableBecause } from './reference.ts'
import { tryUntilAnswered } from './retry.ts'

/** An arm with what it takes to ask it. */
export type ReplayArm = { arm: Arm; adapter: Adapter; gate: Gate }

export type ReplayTools = {
  prices: PriceBook
  /** Aborts when no exchange should be begun any more; calls in flight go on. */
  draining: AbortSignal
  /** Aborts when calls in flight must end too. */
  halted: AbortSignal
  shuffle?: <T>(items: readonly T[]) => T[]
}

type Question = { subject: Subject; gate: Gate; adapter: Adapter; call: Omit<Call, 'timeoutMs' | 'signal'> }
type Admitted = Question & { admission: Extract<Admission, { admitted: true }> }

/**
 * Asks every arm what the served model was asked, all at the same time and in random order. Whatever goes wrong with an
 * arm is in its observation; rejects only with STAGE_STOPPING, and then nothing was observed.
 */
export async function replayExchange(
  exchange: Exchange,
  arms: readonly ReplayArm[],
  tools: ReplayTools,
): Promise<ObservationSet> {
  const { answer } = exchange.served
  return {
    version: 1,
    exchange,
    servedCostUsd: costOf(answer, exchange.request.model, new Date(exchange.capturedAt), tools.prices),
    observations: await observeArms(exchange, arms, tools),
  }
}

async function observeArms(exchange: Exchange, arms: readonly ReplayArm[], tools: ReplayTools): Promise<Observation[]> {
  const applicable = arms.filter(({ arm }) => arm.routes === null || arm.routes.includes(exchange.route))
  if (applicable.length === 0) return arms.map((each) => notAsked(subjectOf(exchange, each), 'route_not_selected'))
  const unusable = unusableBecause(exchange)
  if (unusable !== null) return applicable.map((each) => notAsked(subjectOf(exchange, each), unusable))
  const prepared = applicable.map((each) => prepare(exchange, each))
  const settled = prepared.filter((each) => 'outcome' in each)
  const questions = prepared.filter((each) => 'call' in each)
  const observations = [...settled, ...(await askTogether(questions, tools))]
  // The order of asking is random; the record's is the config's.
  const rank = new Map(arms.map(({ arm }, index) => [arm.name, index]))
  return observations.toSorted((a, b) => rank.get(a.arm)! - rank.get(b.arm)!)
}

function subjectOf(exchange: Exchange, { arm, adapter }: ReplayArm): Subject {
  return { exchange, arm, dialect: adapter.dialect, losses: [] }
}

function prepare(exchange: Exchange, each: ReplayArm): Question | Observation {
  const subject = subjectOf(exchange, each)
  const { arm, adapter, gate } = each
  const recorded = exchange.request.body.encoding === 'utf8' ? exchange.request.body.data : null
  const translation = translate(
    exchange.dialect,
    { body: recorded, headers: exchange.request.headers },
    { dialect: adapter.dialect, model: arm.model, system: arm.system, parameters: arm.parameters },
  )
  if (!translation.ok) return notAsked({ ...subject, losses: [untranslated(translation.detail)] }, translation.reason)
  const { body, headers, losses } = translation
  return { subject: { ...subject, losses }, gate, adapter, call: { body: wireText(recorded, body), headers } }
}

/** The whole request was lost; `detail` says to what. */
function untranslated(detail: string): Loss {
  return { parameter: 'request', kind: 'dropped', severity: 'material', detail }
}

/**
 * A body the translation left as it was goes out in its recorded bytes: parsed and written again, large numbers and
 * lone surrogates would change.
 */
function wireText(recorded: string | null, body: JsonObject): string {
  return recorded !== null && isDeepStrictEqual(JSON.parse(recorded), body) ? recorded : JSON.stringify(body)
}

/**
 * Admits every arm before the first is asked, so that one arm's rate limit delays all of them alike and a pair is always
 * asked at the same time. Arms are admitted in the order of the config: two exchanges that each hold what the other
 * waits for cannot happen.
 */
async function askTogether(questions: readonly Question[], tools: ReplayTools): Promise<Observation[]> {
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
  return [...refused, ...(await allSettled((tools.shuffle ?? shuffled)(admitted).map((each) => ask(each, tools))))]
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
export function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const pick = Math.floor(Math.random() * (last + 1))
    ;[order[last], order[pick]] = [order[pick]!, order[last]!]
  }
  return order
}
