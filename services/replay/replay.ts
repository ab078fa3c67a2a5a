import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../shared/contracts/observation.ts'
import { askTogether, type ReplayTools } from './ask.ts'
import { costOf } from './costs.ts'
import { notAsked } from './observe.ts'
import { prepare, type ReplayArm, subjectOf } from './question.ts'
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
