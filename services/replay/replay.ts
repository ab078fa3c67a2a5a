import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type NotAskedReason, type Observation, type ObservationSet } from '../../shared/contracts/observation.ts'
import { askTogether, type ReplayTools } from './ask.ts'
import { costOf } from '../../shared/pricing/answer-cost.ts'
import { notAsked } from './observe.ts'
import { prepare, type Question, type ReplayArm, subjectOf } from './question.ts'
import { unusableBecause } from './reference.ts'

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
  const { settled, questions } = plan(exchange, arms)
  const observations = [...settled, ...(questions.length > 0 ? await askTogether(questions, tools) : [])]
  // The order of asking is random; the record's is the config's.
  const rank = new Map(arms.map(({ arm }, index) => [arm.name, index]))
  return observations.toSorted((a, b) => rank.get(a.arm)! - rank.get(b.arm)!)
}

/** What is to be asked, and the observations of arms that cannot be. */
export function plan(
  exchange: Exchange,
  arms: readonly ReplayArm[],
): { settled: Observation[]; questions: Question[] } {
  const refuse = (each: readonly ReplayArm[], reason: NotAskedReason) => ({
    settled: each.map((arm) => notAsked(subjectOf(exchange, arm), reason)),
    questions: [],
  })
  const applicable = arms.filter(({ arm }) => arm.routes === null || arm.routes.includes(exchange.route))
  if (applicable.length === 0) return refuse(arms, 'route_not_selected')
  const unusable = unusableBecause(exchange)
  if (unusable !== null) return refuse(applicable, unusable)
  const prepared = applicable.map((each) => prepare(exchange, each))
  return {
    settled: prepared.filter((each) => 'outcome' in each),
    questions: prepared.filter((each) => 'call' in each),
  }
}
