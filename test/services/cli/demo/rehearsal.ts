import { pretendModel, type Turn } from '../../../../services/cli/demo/answers.ts'
import { demoConfig } from '../../../../services/cli/demo/config.ts'
import { kinds } from '../../../../services/cli/demo/kinds.ts'
import { candidates, modelsAt } from '../../../../services/cli/demo/models.ts'
import { randomOf } from '../../../../services/cli/demo/random.ts'
import { chatRequestOf, messagesRequestOf } from '../../../../services/cli/demo/requests.ts'
import { type DemoExchange, demoExchanges } from '../../../../services/cli/demo/traffic.ts'
import { tokensIn } from '../../../../services/cli/demo/wire.ts'
import { compareSet } from '../../../../services/compare/compare.ts'
import { routeSettings } from '../../../../services/compare/route-settings.ts'
import { ladderAlone } from '../../../../services/compare/terms.ts'
import { pairRowOf } from '../../../../services/report/golden/pair-row.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import { alphaOf } from '../../../../services/report/campaigns/attempts.ts'
import { verdictOf } from '../../../../services/report/verdict.ts'
import { type Arm, armsOf } from '../../../../shared/config/arms.ts'
import { parseConfig } from '../../../../shared/config/load.ts'
import { type Answer } from '../../../../shared/contracts/answer.ts'
import { type Comparison } from '../../../../shared/contracts/comparison.ts'
import { type Exchange } from '../../../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../../../shared/contracts/observation.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { deterministicUuid, sha256Hex } from '../../../../shared/ids.ts'
import { openPriceBook } from '../../../../shared/pricing/open.ts'
import { anAnswer, anObservation } from '../../compare/builders.ts'

const config = parseConfig(
  demoConfig({
    folder: '/tmp/demo',
    providerUrls: { openai: 'http://127.0.0.1:1001', anthropic: 'http://127.0.0.1:1002' },
    ports: { tap: 1003, report: 1004, store: 1005 },
  }),
  { file: '/tmp/demo/understudy.yaml', env: {} },
)
const [control, ...candidateArms] = armsOf(config) as [Arm, ...Arm[]]
const prices = openPriceBook('builtin')
const startedAtMs = Date.UTC(2026, 10, 21, 12)

/**
 * The demo without its sockets: the verdict on each candidate from what the pretend models say, through the real
 * comparison, the real price book and the real verdict. `busyMs` is what a busy machine adds to a latency on average.
 */
export function rehearse(options: RehearsalOptions): Verdict[] {
  const rows = new Map(candidateArms.map(({ name }): [string, PairRow[]] => [name, []]))
  for (const comparison of rehearsedComparisons(options))
    rows.get(comparison.arm)?.push(pairRowOf(comparison, comparison.sampleProbability))
  return candidateArms.map((candidate) =>
    verdictOf({
      candidate,
      control,
      rows: rows.get(candidate.name)!,
      ledger: { balanced: true, lines: [], missing: 0 },
      gates: { ...config.gates, alpha: alphaOf(config.gates.alpha, 1, 1) },
      asOf: new Date(startedAtMs),
      trafficEnded: true,
      judge: null,
      slices: config.slices,
      candidates: candidateArms.length,
    }),
  )
}

type RehearsalOptions = { count: number; seed: number; busyMs: number }

/** What comparing makes of the rehearsal, of all arms. */
export function rehearsedComparisons({ count, seed, busyMs }: RehearsalOptions): Comparison[] {
  const exchanges = demoExchanges({ count, seed })
  const ask = pretendModel(exchanges, seed)
  const busy = randomOf('busy', seed)
  const hear: Hear = (exchange, model, behaviour) => {
    const turn = ask({ model, behaviour, messages: exchange.messages })
    return heard(exchange, model, turn, -busyMs * Math.log(1 - busy()))
  }
  return exchanges.flatMap((exchange, index) =>
    compareSet(setOf(exchange, index, hear), new Date(startedAtMs), {
      ...ladderAlone,
      settingsOf: routeSettings(config),
    }),
  )
}

type Heard = Pick<Observation, 'outcome' | 'failureKind' | 'status' | 'answer' | 'ttftMs' | 'totalMs' | 'costUsd'>
type Hear = (exchange: DemoExchange, model: string, behaviour: (typeof modelsAt)['openai'][string]) => Heard

function heard(exchange: DemoExchange, model: string, turn: Turn, delayMs: number): Heard {
  if (turn.failure !== null) {
    const failed = { outcome: 'failed', failureKind: 'server_error', status: 500 } as const
    return { ...failed, answer: null, ttftMs: null, totalMs: null, costUsd: null }
  }
  const answer = answerOf(exchange, model, turn)
  const totalMs = turn.firstPieceMs + turn.streamMs + delayMs
  return {
    outcome: 'answered',
    failureKind: null,
    status: 200,
    answer,
    ttftMs: kinds[exchange.kind].streamed ? turn.firstPieceMs + delayMs : totalMs,
    totalMs,
    costUsd: prices.costUsd({ model, usage: answer.usage, at: new Date(startedAtMs), serviceTier: null }),
  }
}

function answerOf(exchange: DemoExchange, model: string, { said }: Turn): Answer {
  const toolCalls =
    said.toolCall === null
      ? []
      : [{ id: 'call_1', name: said.toolCall.name, argumentsText: JSON.stringify(said.toolCall.arguments) }]
  const outputTokens = tokensIn(said.text + (toolCalls[0]?.argumentsText ?? ''))
  const inputTokens = tokensIn(JSON.stringify(requestOf(exchange)))
  const usage = { ...anAnswer().usage, cachedInputTokens: 0, inputTokens, outputTokens }
  const finish = toolCalls.length > 0 ? 'tool_calls' : 'stop'
  return anAnswer({ model, text: said.text, toolCalls, usage, finish, nativeFinish: finish })
}

const isChat = ({ kind }: DemoExchange): boolean => kinds[kind].family === 'openai'
const requestOf = (exchange: DemoExchange): object =>
  isChat(exchange) ? chatRequestOf(exchange) : messagesRequestOf(exchange)

function setOf(exchange: DemoExchange, index: number, hear: Hear): ObservationSet {
  const { model, family } = kinds[exchange.kind]
  const servedBehaviour = modelsAt[family][model]!
  const served = hear(exchange, model, servedBehaviour)
  const captured = exchangeOf(exchange, index, served)
  const observe = (arm: Arm): Observation => {
    const asked = arm.model ?? model
    const behaviour = arm.model === null ? servedBehaviour : candidates[arm.name as 'subtle'].behaviour
    return anObservation({
      observationId: deterministicUuid(captured.exchangeId, arm.name),
      exchangeId: captured.exchangeId,
      arm: arm.name,
      armFingerprint: arm.fingerprint,
      model: asked,
      ...hear(exchange, asked, behaviour),
    })
  }
  return {
    version: 1,
    exchange: captured,
    servedCostUsd: served.costUsd,
    observations: [control, ...candidateArms].map(observe),
  }
}

function exchangeOf(exchange: DemoExchange, index: number, served: Heard): Exchange {
  const { kind, conversationId } = exchange
  const { task, model, streamed } = kinds[kind]
  const data = JSON.stringify(requestOf(exchange))
  const body = { encoding: 'utf8', data, sizeBytes: data.length, sha256: sha256Hex(data), truncated: false } as const
  return {
    version: 1,
    exchangeId: deterministicUuid(exchange.id),
    capturedAt: new Date(startedAtMs + index * 40).toISOString(),
    source: 'tap',
    upstream: kinds[kind].family,
    route: kind,
    task,
    conversationId,
    sampleProbability: 1,
    captureMode: 'redacted',
    dialect: isChat(exchange) ? 'openai-chat' : 'anthropic-messages',
    request: { method: 'POST', path: '/', headers: {}, body, model, streamed },
    served: {
      status: 200,
      headers: {},
      body: { ...body, data: null },
      end: 'complete',
      chunks: [],
      ttftMs: served.ttftMs,
      totalMs: served.totalMs,
      answer: served.answer,
    },
  }
}
