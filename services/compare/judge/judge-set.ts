import { type Config, type JudgeConfig } from '../../../shared/config/schema.ts'
import { type Comparison, type Judgement } from '../../../shared/contracts/comparison.ts'
import { type Exchange } from '../../../shared/contracts/exchange.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { type Conversation, readConversation } from '../../../shared/dialects/conversation.ts'
import { familyOf } from '../../../shared/dialects/model-family.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { rubricOf } from '../../../shared/judge/template.ts'
import { judgeVersion } from '../../../shared/judge/version.ts'
import { allSettled } from '../all-settled.ts'
import { type AskJudge } from './ask.ts'
import { conclude, type Judged, type Order, undecided } from './conclude.ts'
import { answerText } from './answer-text.ts'
import { type Question, promptOf, showAnswer, showRequest } from './prompt.ts'
import { createRememberedVerdicts } from './remembered-verdicts.ts'
import { type Place } from './score.ts'

/** By arm; arms whose pair is no question for a judge are left out. */
export type JudgeSet = (
  set: ObservationSet,
  comparisons: readonly Comparison[],
  draining: AbortSignal,
) => Promise<Map<string, Judged>>

type JudgeTools = { judge: JudgeConfig; providers: Config['providers']; ask: AskJudge }

/** Control and candidates of an exchange are judged alike: by the same rubric, on the same request, in both orders. */
export function createJudgeSet({ judge, providers, ask }: JudgeTools): JudgeSet {
  const version = judgeVersion(judge, providers)
  const remembered = createRememberedVerdicts()
  const mayRead = providers[judge.provider]?.routes

  /** Why the judge may not be asked about this comparison at all. */
  function forbidden({ route, servedModel, armModel }: Comparison): string | null {
    if (mayRead?.includes(route) === false) return 'route_not_selected'
    const kin = [servedModel, armModel].some((model) => model !== null && familyOf(model) === familyOf(judge.model))
    return kin && !judge.allowOwnFamily ? 'own_family' : null
  }

  async function judgePair(comparison: Comparison, pair: PairToJudge, draining: AbortSignal): Promise<Judged> {
    const blank = blankOf(comparison, pair)
    const reason = forbidden(comparison)
    if (reason !== null) return undecided({ ...blank, state: 'not_asked', reason })
    if (pair.request === null) return undecided({ ...blank, reason: 'request_unreadable' })
    const texts = { rubric: rubricOf(judge, comparison.route), request: pair.request.request }
    const [served, arm] = [pair.served.text, pair.arm.text]
    const orders: Order[] = []
    // One after the other: where the first is not answered the second need not be paid for. Which is first is chance, so that
    // a budget that runs out favours neither place.
    for (const armIn of placesOf(comparison.comparisonId)) {
      const answers = armIn === 'first' ? { first: arm, second: served } : { first: served, second: arm }
      const question: Question = { ...texts, ...answers }
      const asked = await remembered.ask(question, comparison.comparisonId, () => ask(promptOf(question), draining))
      orders.push({ armIn, asked })
      if (asked.verdict === null) break
    }
    return conclude(blank, orders)
  }

  function blankOf({ measured }: Comparison, { served, arm, request, lengthRatio }: PairToJudge): Judgement {
    return {
      version,
      state: 'error',
      reason: null,
      servedFirst: null,
      armFirst: null,
      cut: served.isCut || arm.isCut || request?.isCut === true,
      lengthRatio,
      costUsd: 0,
      ladderQuality: measured!.quality,
    }
  }

  return async (set, comparisons, draining) => {
    const isSampled = shareOf(set.exchange.exchangeId) < judge.sample
    const toJudge = comparisons.filter((comparison) => isQuestion(comparison, isSampled))
    if (toJudge.length === 0) return new Map()
    const pairOf = pairsOf(set)
    const judged = await allSettled(
      toJudge.map(async (each) => [each.arm, await judgePair(each, pairOf(each), draining)] as const),
    )
    return new Map(judged)
  }
}

/**
 * What only the words speak for or against; in a sampled exchange every text that the ladder takes for good. What it found to
 * be harmful otherwise is not asked about: a contradiction of facts stays one, however well it reads.
 */
function isQuestion({ decidedBy, found, task, measured }: Comparison, isSampled: boolean): boolean {
  if (measured === null || measured.error) return false
  return decidedBy === 'text' || (isSampled && task === 'text' && found?.finding === 'harmless')
}

type PairToJudge = {
  served: ReturnType<typeof showAnswer>
  arm: ReturnType<typeof showAnswer>
  request: ReturnType<typeof showRequest> | null
  lengthRatio: number | null
}

function pairsOf({ exchange, observations }: ObservationSet): (comparison: Comparison) => PairToJudge {
  const asked = conversationOf(exchange)
  const request = asked && showRequest(asked)
  const servedText = answerText(exchange.served.answer!)
  const served = showAnswer(servedText)
  return ({ comparisonId }) => {
    const text = answerText(observations.find(({ observationId }) => observationId === comparisonId)!.answer!)
    const lengthRatio = servedText.length === 0 ? null : text.length / servedText.length
    return { served, arm: showAnswer(text), request, lengthRatio }
  }
}

function conversationOf({ dialect, request: { body, headers } }: Exchange): Conversation | null {
  const isWhole = body.encoding === 'utf8' && !body.truncated
  return readConversation(dialect, { body: isWhole ? body.data : null, headers })
}

/** In [0, 1), the same for all arms of an exchange, and independent of what was captured or is asked elsewhere. */
function shareOf(exchangeId: string): number {
  return Number.parseInt(sha256Hex(`judge/${exchangeId}`).slice(0, 12), 16) / 2 ** 48
}

function placesOf(comparisonId: string): Place[] {
  const isOdd = Number.parseInt(sha256Hex(`order/${comparisonId}`).slice(0, 1), 16) % 2 === 1
  return isOdd ? ['first', 'second'] : ['second', 'first']
}
