import { type Answer } from '../../shared/contracts/answer.ts'
import {
  type Comparison,
  type ControlFound,
  type Difference,
  type Measured,
} from '../../shared/contracts/comparison.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../shared/contracts/observation.ts'
import { controlArm } from '../../shared/config/arms.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { answersInWords } from '../../shared/dialects/dialects.ts'
import { divergenceOf } from './divergence.ts'
import { excerptOf } from './excerpt.ts'
import { foundOf, recordedLabel } from './found.ts'
import { groundingOf, groundingOfBoth, type GroundingOf } from './grounding/of-exchange.ts'
import { bounded } from './ladder.ts'
import { answerScoresOf } from './answer-scores.ts'
import { type Pair, pairOf } from './pair.ts'
import { type RouteSettings } from './route-settings.ts'
import { promptIdOf } from './prompt.ts'
import { rule } from './rule.ts'
import { scoresOf } from './scorers/index.ts'
import { soundnessOf } from './soundness.ts'
import { type Finding as DifferenceFound } from './rungs/rung.ts'
import { requestOf } from './request.ts'
import { requestBodyOf, type TaskFacts, taskOf } from './task.ts'
import { ladderAlone, scorerVersionOf, type Terms } from './terms.ts'
import { maxScoredChars } from './text/normal-form.ts'
import { type Covering, coveringOf } from './waivers/covering.ts'

/** The part of a comparison that the answers decide. */
type Finding = Pick<
  Comparison,
  | 'outcome'
  | 'reason'
  | 'decidedBy'
  | 'measured'
  | 'found'
  | 'scores'
  | 'differences'
  | 'waived'
  | 'scoredChars'
  | 'notScored'
>

/** At or above it two answers are equivalent: the rungs' 1, with room for rounding and nothing else. */
const equivalentQuality = 0.999

export function outcomeOf(quality: number): 'equivalent' | 'different' {
  return quality >= equivalentQuality ? 'equivalent' : 'different'
}

/** One comparison per observation, the control's among them; candidates' rows carry the control's measures. */
export function compareSet(set: ObservationSet, comparedAt: Date, terms: Terms = ladderAlone): Comparison[] {
  const { exchange, observations, servedCostUsd } = set
  const context = contextOf(exchange, terms)
  const { facts } = context
  const request = requestOf(exchange, facts.asked)
  const requestBody = terms.scorers.length === 0 ? null : requestBodyOf(exchange)
  const promptId = promptIdOf(exchange)
  const served = {
    soundness: soundnessOf(exchange.served.answer, facts),
    ttftMs: exchange.served.ttftMs,
    totalMs: exchange.served.totalMs,
    outputTokens: exchange.served.answer?.usage.outputTokens ?? null,
    costUsd: servedCostUsd,
  }
  const found = new Map(
    observations.map((observation) => {
      const covering = coveringOf(terms.waivers, { route: exchange.route, arm: observation.arm, at: comparedAt })
      return [
        observation,
        findingOf(exchange, observation, { ...context, covering, scorers: terms.scorers, requestBody }),
      ]
    }),
  )
  const control = observations.find(({ arm }) => arm === controlArm)
  const controlFinding = control && found.get(control)
  const controlMeasured = controlFinding?.measured ?? null
  const scorerVersion = scorerVersionOf(terms, comparedAt)
  const servedFound = {
    label: facts.task === 'label' && exchange.served.answer ? recordedLabel(exchange.served.answer.text) : null,
    scores: exchange.served.answer ? answerScores(exchange.served.answer, context) : {},
  }
  return observations.map((observation) => {
    const hasControl = observation.arm !== controlArm && controlMeasured !== null
    return {
      version: 1,
      ...originOf(exchange, observation, comparedAt),
      scorerVersion,
      task: facts.task,
      request,
      promptId,
      served,
      ...found.get(observation)!,
      control: hasControl ? controlMeasured : null,
      controlFingerprint: hasControl ? control!.armFingerprint : null,
      controlFound: hasControl ? foundOfControl(controlFinding!) : null,
      servedFound,
    }
  })
}

/** What all arms of an exchange are compared by. */
type ExchangeContext = Pick<Terms, 'excludeLosses'> & {
  facts: TaskFacts
  settings: RouteSettings
  groundingOf: GroundingOf | null
}

function contextOf(exchange: Exchange, { settingsOf, excludeLosses }: Terms): ExchangeContext {
  const facts = taskOf(exchange)
  const settings = settingsOf(exchange.route)
  return { facts, settings, excludeLosses, groundingOf: groundingOf(facts, settings.grounded) }
}

const answerScores = (answer: Answer, { facts, groundingOf }: ExchangeContext): Record<string, number> =>
  answerScoresOf(answer, facts, groundingOf?.(answer) ?? null)

function foundOfControl({ found, decidedBy, scores }: Finding): ControlFound | null {
  return found && { ...found, decidedBy, scores }
}

function originOf(exchange: Exchange, observation: Observation, comparedAt: Date) {
  return {
    comparisonId: observation.observationId,
    exchangeId: exchange.exchangeId,
    arm: observation.arm,
    armFingerprint: observation.armFingerprint,
    capturedAt: exchange.capturedAt,
    askedAt: observation.askedAt,
    comparedAt: comparedAt.toISOString(),
    route: exchange.route,
    upstream: exchange.upstream,
    conversationId: exchange.conversationId,
    tenantId: exchange.tenantId ?? null,
    sampleProbability: exchange.sampleProbability,
    streamed: exchange.request.streamed,
    servedModel: exchange.served.answer?.model ?? exchange.request.model,
    armModel: observation.model,
    servedExcerpt: excerptOf(exchange.served.answer),
    armExcerpt: excerptOf(observation.answer),
    losses: observation.losses.map(({ parameter, kind }) => `${parameter}:${kind}`),
  }
}

/** What a pair is compared by. */
type PairTerms = ExchangeContext & { covering: Covering | null; scorers: Terms['scorers']; requestBody: Json }

function findingOf(exchange: Exchange, observation: Observation, context: PairTerms): Finding {
  const reason = whyNotComparable(exchange, observation, context)
  if (reason !== null) return notComparable(reason)
  const failure = failureOf(observation)
  if (failure !== null) return failed(failure, observation)
  return compared(exchange, observation, context)
}

/** Whatever is not the arm's doing. Losses are looked at last: an arm that was not asked lost nothing. */
function whyNotComparable(
  { served, dialect }: Exchange,
  observation: Observation,
  { excludeLosses }: ExchangeContext,
): string | null {
  const isError = served.end !== 'complete' || served.status === null || served.status < 200 || served.status > 299
  const isBroken = served.answer?.outcome === 'error' || served.answer?.outcome === 'incomplete_stream'
  if (isError || isBroken) return 'served_error'
  if (observation.outcome === 'not_asked') return `not_asked:${observation.notAskedReason ?? 'unknown'}`
  // The served answer ended well and was not kept.
  if (served.answer === null) return 'not_asked:body_not_captured'
  if (!answersInWords(dialect)) return 'unsupported_task:embeddings'
  const gravest = observation.losses.find(({ severity }) => severity === 'material') ?? observation.losses[0]
  if (gravest === undefined || (gravest.severity === 'minor' && excludeLosses === 'material')) return null
  return `${gravest.severity}_loss:${gravest.parameter}`
}

function failureOf({ outcome, failureKind, answer }: Observation): string | null {
  if (outcome === 'failed') return failureKind ?? 'malformed_answer'
  if (answer === null) return 'malformed_answer'
  if (answer.outcome === 'error') return 'stream_error'
  return answer.outcome === 'incomplete_stream' ? 'incomplete_stream' : null
}

const unscored = { scores: {}, differences: [], waived: [], notScored: {}, scoredChars: null }

function notComparable(reason: string): Finding {
  return { ...unscored, outcome: 'not_comparable', reason, decidedBy: 'not_comparable', measured: null, found: null }
}

/** Intention to treat: a failure is the worst answer, infinitely late, at the price that was billed. */
function failed(kind: string, observation: Observation): Finding {
  const measured: Measured = {
    error: true,
    quality: 0,
    divergence: 1,
    soundness: 0,
    ttftMs: null,
    totalMs: null,
    outputTokens: observation.answer?.usage.outputTokens ?? null,
    costUsd: observation.costUsd,
  }
  const message = `no usable answer: ${kind}${observation.status === null ? '' : ` (HTTP status ${observation.status})`}`
  const difference: Difference = { rung: 'status', path: null, message, served: null, arm: null }
  return {
    ...unscored,
    outcome: 'failed',
    reason: kind,
    decidedBy: 'status',
    measured,
    found: { finding: 'harmful', kinds: [`status:${kind}`], paths: [], label: null },
    differences: bounded([difference]),
  }
}

function compared(exchange: Exchange, observation: Observation, context: PairTerms): Finding {
  const { facts, settings, covering } = context
  const [served, arm] = [exchange.served.answer!, observation.answer!]
  const grounding = settings.grounded === true ? groundingOfBoth(context.groundingOf, served, arm) : null
  const pair = pairOf({ ...facts, served, arm, factVeto: settings.factVeto, grounding, covering })
  const ruling = rule(pair, context.scorers, context.requestBody)
  const { quality, differences } = ruling
  const measured: Measured = {
    error: false,
    quality,
    divergence: divergenceOf(pair),
    soundness: soundnessOf(pair.arm, facts),
    ttftMs: observation.ttftMs,
    totalMs: observation.totalMs,
    outputTokens: pair.arm.usage.outputTokens,
    costUsd: observation.costUsd,
  }
  return {
    outcome: outcomeOf(quality),
    reason: null,
    decidedBy: ruling.decidedBy,
    measured,
    found: foundOf(pair, ruling),
    scores: { ...scoresOf(pair), ...answerScores(arm, context), ...ruling.scores },
    differences: differences.map(asRecorded),
    waived: ruling.waived,
    notScored: ruling.notScored,
    scoredChars: isCut(pair) ? maxScoredChars : null,
  }
}

const isCut = ({ served, arm }: Pair): boolean => Math.max(served.text.length, arm.text.length) > maxScoredChars

const asRecorded = ({ rung, path, message, served, arm, waivedBy }: DifferenceFound): Difference => ({
  rung,
  path,
  message,
  served,
  arm,
  ...(waivedBy === undefined ? {} : { waivedBy }),
})
