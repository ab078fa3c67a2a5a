import { type Comparison, type Difference, type Measured } from '../../shared/contracts/comparison.ts'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../shared/contracts/observation.ts'
import { controlArm } from '../../shared/config/arms.ts'
import { answersInWords } from '../../shared/dialects/dialects.ts'
import { divergenceOf } from './divergence.ts'
import { excerptOf } from './excerpt.ts'
import { bounded, decide } from './ladder.ts'
import { pairOf } from './pair.ts'
import { promptIdOf } from './prompt.ts'
import { scoresOf } from './scorers/index.ts'
import { soundnessOf } from './soundness.ts'
import { type Finding as DifferenceFound } from './rungs/rung.ts'
import { type TaskFacts, taskOf } from './task.ts'

/** The part of a comparison that the answers decide. */
type Finding = Pick<Comparison, 'outcome' | 'reason' | 'decidedBy' | 'measured' | 'scores' | 'differences'>

/** At or above it two answers are equivalent: the rungs' 1, with room for rounding and nothing else. */
const equivalentQuality = 0.999

/** One comparison per observation, the control's among them; candidates' rows carry the control's measures. */
export function compareSet(set: ObservationSet, comparedAt: Date): Comparison[] {
  const { exchange, observations, servedCostUsd } = set
  const facts = taskOf(exchange)
  const promptId = promptIdOf(exchange)
  const served = {
    soundness: soundnessOf(exchange.served.answer, facts),
    ttftMs: exchange.served.ttftMs,
    totalMs: exchange.served.totalMs,
    outputTokens: exchange.served.answer?.usage.outputTokens ?? null,
    costUsd: servedCostUsd,
  }
  const found = new Map(observations.map((observation) => [observation, findingOf(exchange, observation, facts)]))
  const control = observations.find(({ arm }) => arm === controlArm)
  const controlMeasured = (control && found.get(control)?.measured) ?? null
  return observations.map((observation) => {
    const hasControl = observation.arm !== controlArm && controlMeasured !== null
    return {
      version: 1,
      ...originOf(exchange, observation, comparedAt),
      task: facts.task,
      promptId,
      served,
      ...found.get(observation)!,
      control: hasControl ? controlMeasured : null,
      controlFingerprint: hasControl ? control!.armFingerprint : null,
    }
  })
}

function originOf(exchange: Exchange, observation: Observation, comparedAt: Date) {
  return {
    comparisonId: observation.observationId,
    exchangeId: exchange.exchangeId,
    arm: observation.arm,
    armFingerprint: observation.armFingerprint,
    capturedAt: exchange.capturedAt,
    comparedAt: comparedAt.toISOString(),
    route: exchange.route,
    upstream: exchange.upstream,
    conversationId: exchange.conversationId,
    sampleProbability: exchange.sampleProbability,
    streamed: exchange.request.streamed,
    servedModel: exchange.served.answer?.model ?? exchange.request.model,
    armModel: observation.model,
    servedExcerpt: excerptOf(exchange.served.answer),
    armExcerpt: excerptOf(observation.answer),
    losses: observation.losses.map(({ parameter, kind }) => `${parameter}:${kind}`),
  }
}

function findingOf(exchange: Exchange, observation: Observation, facts: TaskFacts): Finding {
  const reason = whyNotComparable(exchange, observation)
  if (reason !== null) return notComparable(reason)
  const failure = failureOf(observation)
  if (failure !== null) return failed(failure, observation)
  return compared(exchange, observation, facts)
}

/** Whatever is not the arm's doing. Losses are looked at last: an arm that was not asked lost nothing. */
function whyNotComparable({ served, dialect }: Exchange, observation: Observation): string | null {
  const isError = served.end !== 'complete' || served.status === null || served.status < 200 || served.status > 299
  const isBroken = served.answer?.outcome === 'error' || served.answer?.outcome === 'incomplete_stream'
  if (isError || isBroken) return 'served_error'
  if (observation.outcome === 'not_asked') return `not_asked:${observation.notAskedReason ?? 'unknown'}`
  // The served answer ended well and was not kept.
  if (served.answer === null) return 'not_asked:body_not_captured'
  if (!answersInWords(dialect)) return 'unsupported_task:embeddings'
  const material = observation.losses.find((loss) => loss.severity === 'material')
  return material ? `material_loss:${material.parameter}` : null
}

function failureOf({ outcome, failureKind, answer }: Observation): string | null {
  if (outcome === 'failed') return failureKind ?? 'malformed_answer'
  if (answer === null) return 'malformed_answer'
  if (answer.outcome === 'error') return 'stream_error'
  return answer.outcome === 'incomplete_stream' ? 'incomplete_stream' : null
}

function notComparable(reason: string): Finding {
  return { outcome: 'not_comparable', reason, decidedBy: 'not_comparable', measured: null, scores: {}, differences: [] }
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
    outcome: 'failed',
    reason: kind,
    decidedBy: 'status',
    measured,
    scores: {},
    differences: bounded([difference]),
  }
}

function compared(exchange: Exchange, observation: Observation, facts: TaskFacts): Finding {
  const pair = pairOf({ ...facts, served: exchange.served.answer!, arm: observation.answer! })
  const { quality, decidedBy, differences } = decide(pair)
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
  const outcome = quality >= equivalentQuality ? 'equivalent' : 'different'
  return {
    outcome,
    reason: null,
    decidedBy,
    measured,
    scores: scoresOf(pair),
    differences: differences.map(asRecorded),
  }
}

const asRecorded = ({ rung, path, message, served, arm }: DifferenceFound): Difference => ({
  rung,
  path,
  message,
  served,
  arm,
})
