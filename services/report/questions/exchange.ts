import { controlArm } from '../../../shared/config/arms.ts'
import { Answer } from '../../../shared/contracts/answer.ts'
import { Difference, type Judgement } from '../../../shared/contracts/comparison.ts'
import {
  type ArmView,
  type BodiesState,
  type ComparisonView,
  type ExchangeView,
} from '../../../shared/contracts/exchange-view.ts'
import { FailureKind, Loss, NotAskedReason } from '../../../shared/contracts/observation.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { hiddenReason, hideDifference } from '../access/hide-texts.ts'
import { ask } from './ask.ts'
import {
  bodiesSql,
  type BodyRow,
  type ComparisonRow,
  comparisonsOfSql,
  type ExchangeRow,
  exchangeSql,
  observationBodiesSql,
  type ObservationBodyRow,
  type ObservationRow,
  observationsSql,
} from './exchange-sql.ts'
import { patchBetween } from './patch.ts'
import { chunksOf, shownAnswer, shownText } from './shown-answer.ts'

export type ExchangeQuestion = {
  exchangeId: string
  /** Only this candidate beside the control. */
  candidate?: string | undefined
  /** Candidates of the config, in its order. */
  candidates: readonly string[]
  mayReadBodies: boolean
  bodiesDays: number
}

/** All that is kept of one exchange. EXCHANGE_UNKNOWN. */
export async function readExchange(store: Pick<Store, 'query'>, question: ExchangeQuestion): Promise<ExchangeView> {
  const { exchangeId, mayReadBodies, bodiesDays } = question
  const [exchange] = await ask<ExchangeRow>(store, exchangeSql, { id: exchangeId })
  if (exchange === undefined) {
    const cure = 'it was never stored, was erased, or is older than retention.metricsDays'
    throw new UnderstudyError('EXCHANGE_UNKNOWN', `there is no exchange ${exchangeId}: ${cure}`)
  }
  const params = { id: exchangeId, capturedAtMs: exchange.capturedAtMs }
  const [body] = await ask<BodyRow>(store, bodiesSql, params)
  const observations = inOrder(await ask<ObservationRow>(store, observationsSql, params), question)
  const answers = await ask<ObservationBodyRow>(store, observationBodiesSql, params)
  const comparisons = await ask<ComparisonRow>(store, comparisonsOfSql, params)

  const reading: Reading = { mayReadBodies, bodiesDays, captureMode: exchange.captureMode }
  const bodies = bodiesOf(body, [body?.requestBody ?? null, body?.answer ?? null], reading)
  const served = bodies.state === 'stored' ? answerIn(body!.answer) : null
  const isShown = bodies.state === 'stored'
  const textIn = (text: string | null | undefined, encoding: string | undefined) =>
    isShown && typeof text === 'string' && encoding === 'utf8' ? shownText(text) : null
  const arms = observations.map((observation) => {
    const { observationId } = observation
    return armOf(observation, {
      reading,
      served,
      body: answers.find((answer) => answer.observationId === observationId),
      comparison: comparisons.find(({ comparisonId }) => comparisonId === observationId),
    })
  })
  const { capturedAtMs, method, path, requestModel, streamed, requestBytes, status, wireEnd, ...rest } = exchange
  const { model, ttftMs, totalMs, inputTokens, cachedInputTokens, outputTokens, reasoningTokens, ...about } = rest
  const { errorType, anomalies, ...shared } = about
  return {
    version: 1,
    ...shared,
    capturedAt: isoTime(capturedAtMs),
    bodies,
    request: {
      method,
      path,
      model: requestModel,
      streamed,
      sizeBytes: requestBytes,
      headers: (isShown && body?.requestHeaders) || {},
      body: textIn(body?.requestBody, body?.requestEncoding),
      encoding: body?.requestEncoding || 'utf8',
      truncated: body?.requestTruncated ?? false,
    },
    served: {
      status,
      end: wireEnd,
      model,
      answer: served && shownAnswer(served),
      body: served === null ? textIn(body?.answerBody, body?.answerEncoding) : null,
      headers: (isShown && body?.answerHeaders) || {},
      chunks: body === undefined ? [] : chunksOf(body.offsetsMs, body.sizesBytes),
      ttftMs,
      totalMs,
      inputTokens,
      cachedInputTokens,
      outputTokens,
      reasoningTokens,
      costUsd: comparisons.find(({ servedCostUsd }) => servedCostUsd !== null)?.servedCostUsd ?? null,
      errorType,
      anomalies,
    },
    arms,
  }
}

type Reading = { mayReadBodies: boolean; bodiesDays: number; captureMode: ExchangeView['captureMode'] }

/** `texts`: those of the row; all of them are sealed with one key. */
function bodiesOf(row: object | undefined, texts: readonly (string | null)[], reading: Reading): BodiesState {
  const { mayReadBodies, bodiesDays, captureMode } = reading
  if (captureMode === 'metadata')
    return { state: 'none', reason: 'tap.capture.mode was metadata: sizes and hashes alone were kept' }
  if (row === undefined)
    return { state: 'deleted', reason: `erased, or older than retention.bodiesDays (${bodiesDays} days)` }
  if (!mayReadBodies) return { state: 'hidden', reason: hiddenReason }
  const withheld = texts.find(isWithheld)
  if (withheld !== undefined) return { state: 'hidden', reason: withheld }
  if (texts.every((text) => text === null || text === ''))
    return { state: 'none', reason: 'nothing was kept: empty, or larger than tap.capture.maxBodyBytes' }
  return { state: 'stored', reason: null }
}

type Beside = {
  reading: Reading
  served: Answer | null
  body: ObservationBodyRow | undefined
  comparison: ComparisonRow | undefined
}

function armOf(observation: ObservationRow, { reading, served, body, comparison }: Beside): ArmView {
  const { askedAtMs, reason, lost, material, ...rest } = observation
  const isAnswered = rest.outcome === 'answered'
  const bodies: BodiesState =
    isAnswered || body?.answer
      ? bodiesOf(body, [body?.answer ?? null], reading)
      : { state: 'none', reason: 'there was no answer' }
  const answer = bodies.state === 'stored' ? answerIn(body!.answer) : null
  return {
    ...rest,
    isControl: rest.arm === controlArm,
    askedAt: isoTime(askedAtMs),
    notAskedReason: NotAskedReason.safeParse(reason).data ?? null,
    failureKind: FailureKind.safeParse(reason).data ?? null,
    bodies,
    answer: answer && shownAnswer(answer),
    chunks: body === undefined ? [] : chunksOf(body.offsetsMs, body.sizesBytes),
    losses: lossesOf(body?.losses, lost, material, reading.mayReadBodies),
    comparison: comparison === undefined ? null : comparisonOf(comparison, served, answer, reading.mayReadBodies),
  }
}

/** As they were told; where that is gone, what is left of it. */
function lossesOf(
  told: string | undefined,
  lost: readonly string[],
  material: readonly string[],
  mayReadBodies: boolean,
): ArmView['losses'] {
  const known = Loss.array().safeParse(jsonIn(told ?? ''))
  if (known.success) return known.data.map((loss) => (mayReadBodies ? loss : { ...loss, detail: null }))
  return lost.map((parameter) => ({
    parameter,
    kind: null,
    severity: material.includes(parameter) ? 'material' : 'minor',
    detail: null,
  }))
}

function comparisonOf(
  row: ComparisonRow,
  served: Answer | null,
  arm: Answer | null,
  mayReadBodies: boolean,
): ComparisonView {
  const { comparedAtMs, differences, servedExcerpt, armExcerpt, losses: _losses, servedCostUsd: _cost, ...rest } = row
  const { ttftDeltaMs, totalDeltaMs, outputTokensDelta, costDeltaUsd, ...judged } = rest
  const { judgeVersion, judgeState, judgeReason, judgeServedFirst, judgeArmFirst, ...others } = judged
  const { judgeCut, judgeLengthRatio, judgeCostUsd, ladderQuality, ...shared } = others
  const shown = (text: string) => (mayReadBodies && !isWithheld(text) ? text : null)
  const judge: Judgement | null =
    judgeState === null
      ? null
      : {
          version: judgeVersion ?? '',
          state: judgeState,
          reason: judgeReason,
          servedFirst: judgeServedFirst,
          armFirst: judgeArmFirst,
          cut: judgeCut,
          lengthRatio: judgeLengthRatio,
          costUsd: judgeCostUsd,
          ladderQuality: ladderQuality ?? 0,
        }
  return {
    ...shared,
    comparedAt: isoTime(comparedAtMs),
    differences: differencesIn(differences).map((each) => (mayReadBodies ? each : hideDifference(each))),
    servedExcerpt: shown(servedExcerpt),
    armExcerpt: shown(armExcerpt),
    judge,
    deltas: { ttftMs: ttftDeltaMs, totalMs: totalDeltaMs, outputTokens: outputTokensDelta, costUsd: costDeltaUsd },
    patch: served === null || arm === null ? null : patchBetween(served, arm),
  }
}

function differencesIn(text: string): Difference[] {
  if (isWithheld(text)) return [{ rung: 'encryption', path: null, message: text, served: null, arm: null }]
  return Difference.array().safeParse(jsonIn(text)).data ?? []
}

function answerIn(text: string): Answer | null {
  return Answer.safeParse(jsonIn(text)).data ?? null
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The control first, then candidates as the config has them, then those that are in it no more. */
function inOrder(rows: readonly ObservationRow[], { candidate, candidates }: ExchangeQuestion): ObservationRow[] {
  const places = [controlArm, ...candidates]
  const placeOf = ({ arm }: ObservationRow) => (places.includes(arm) ? places.indexOf(arm) : places.length)
  return rows
    .filter(({ arm }) => candidate === undefined || arm === controlArm || arm === candidate)
    .toSorted((a, b) => placeOf(a) - placeOf(b) || (a.arm < b.arm ? -1 : 1))
}

const isoTime = (ms: number) => new Date(ms).toISOString()
