import { type Operation } from 'fast-json-patch'
import { type Answer } from '../../shared/contracts/answer.ts'
import { type Task } from '../../shared/contracts/exchange.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { answerScoresOf } from './answer-scores.ts'
import { divergenceOf } from './divergence.ts'
import { groundingOf, groundingOfBoth } from './grounding/of-exchange.ts'
import { patchBetween } from './json/patch.ts'
import { bounded } from './ladder.ts'
import { type Pair, pairOf } from './pair.ts'
import { type OwnRuling, rule } from './rule.ts'
import { type Decision, type Finding } from './rungs/rung.ts'
import { scorers, scoresOf, slowScorers } from './scorers/index.ts'
import { type Asked, taskFacts } from './task.ts'
import { ladderAlone, type Terms } from './terms.ts'
import { coveringOf } from './waivers/covering.ts'

export type PairToCompare = {
  task: Task | null
  request: Asked | null
  /** As it was sent, for the config's scorers. */
  requestBody?: Json
  served: Answer
  candidate: Answer
  /** What the config may speak of; empty where it is from nowhere. */
  route?: string
  arm?: string
}
export type ComparedPair = OwnRuling & {
  task: Task
  divergence: number
  /** Where both are JSON. */
  patch: Operation[] | null
}

/** Two answers that come from nowhere in particular: what a comparison of traffic says of them, failures included. */
export function comparePair(
  { task, request, requestBody = null, served, candidate, route = '', arm = '' }: PairToCompare,
  terms: Terms = ladderAlone,
): ComparedPair {
  const facts = taskFacts(task, served, request)
  const failure = failureBetween(served, candidate)
  if (failure !== null)
    return { ...failure, waived: [], notScored: {}, task: facts.task, divergence: 1, scores: {}, patch: null }
  const { factVeto, grounded } = terms.settingsOf(route)
  const groundingOfAnswer = groundingOf(facts, grounded)
  const pair = pairOf({
    ...facts,
    served,
    arm: candidate,
    factVeto,
    grounding: grounded === true ? groundingOfBoth(groundingOfAnswer, served, candidate) : null,
    covering: coveringOf(terms.waivers, { route, arm, at: new Date() }),
  })
  const ruling = rule(pair, terms.scorers, requestBody)
  return {
    ...ruling,
    task: facts.task,
    divergence: divergenceOf(pair),
    scores: {
      ...scoresOf(pair, [...scorers, ...slowScorers]),
      ...answerScoresOf(candidate, facts, groundingOfAnswer?.(candidate) ?? null),
      ...ruling.scores,
    },
    patch: patchOf(pair),
  }
}

function patchOf({ servedJson, armJson }: Pair): Operation[] | null {
  const [served, arm] = [servedJson(), armJson()]
  return served && arm && patchBetween(served.value, arm.value)
}

const isBroken = ({ outcome }: Answer): boolean => outcome === 'error' || outcome === 'incomplete_stream'

function failureBetween(served: Answer, candidate: Answer): Decision | null {
  if (isBroken(served)) {
    return failed(
      'unsure',
      'served_error',
      'the served answer is an error: there is nothing to compare with',
      served,
      candidate,
    )
  }
  return isBroken(candidate)
    ? failed('harmful', candidate.outcome, 'no usable answer of the candidate', served, candidate)
    : null
}

function failed(
  outcome: 'harmful' | 'unsure',
  kind: string,
  message: string,
  served: Answer,
  candidate: Answer,
): Decision {
  const difference: Finding = {
    rung: 'status',
    kind,
    severity: outcome,
    path: null,
    message,
    served: told(served),
    arm: told(candidate),
  }
  return { decidedBy: 'status', outcome, quality: 0, differences: bounded([difference]) }
}

const told = ({ error, outcome, text }: Answer): string =>
  error === null ? text || outcome : (error.message ?? error.type ?? outcome)
