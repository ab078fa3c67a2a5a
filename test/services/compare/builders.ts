import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { type Observation, type ObservationSet } from '../../../shared/contracts/observation.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { type Pair, pairOf } from '../../../services/compare/pair.ts'

export const exchangeId = '01890000-0000-7000-8000-000000000001'

export function anAnswer(overrides: Partial<Answer> = {}): Answer {
  return {
    model: 'large-1',
    outcome: 'ok',
    finish: 'stop',
    nativeFinish: 'stop',
    stopSequence: null,
    text: 'Your order has shipped and should arrive on Friday.',
    thinkingText: '',
    refusalText: null,
    toolCalls: [],
    serverToolCalls: [],
    usage: {
      inputTokens: 20,
      cachedInputTokens: null,
      cacheWriteInputTokens: null,
      cacheWriteLongInputTokens: null,
      outputTokens: 12,
      reasoningTokens: null,
    },
    serviceTier: null,
    complete: true,
    anomalies: [],
    error: null,
    ...overrides,
  }
}

export const aCall = (name: string, args: unknown) => ({
  id: `call_${name}`,
  name,
  argumentsText: typeof args === 'string' ? args : JSON.stringify(args),
})

/** Two texts as answers to a request of this task. */
export function aPair(
  served: string | Partial<Answer>,
  arm: string | Partial<Answer>,
  task: Task = 'text',
  schema: JsonObject | null = null,
  factVeto: Pair['factVeto'] = 'text',
): Pair {
  const answers = { served: answerOf(served), arm: answerOf(arm) }
  return pairOf({ task, jsonExpected: task === 'json', schema, factVeto, ...answers })
}

const answerOf = (given: string | Partial<Answer>): Answer =>
  anAnswer(typeof given === 'string' ? { text: given } : given)

export function anObservation(overrides: Partial<Observation> = {}): Observation {
  return {
    version: 1,
    observationId: '01890000-0000-8000-8000-00000000000a',
    exchangeId,
    arm: 'small',
    armFingerprint: 'aaaaaaaaaaaaaaaa',
    askedAt: '2026-11-02T08:00:01.000Z',
    dialect: 'openai-chat',
    provider: 'acme',
    model: 'small-1',
    streamed: false,
    outcome: 'answered',
    notAskedReason: null,
    failureKind: null,
    status: 200,
    answer: anAnswer({ model: 'small-1' }),
    chunks: [],
    ttftMs: 210,
    totalMs: 900,
    attempts: 1,
    waitedMs: 0,
    costUsd: 0.0004,
    losses: [],
    ...overrides,
  }
}

export const aControl = (overrides: Partial<Observation> = {}): Observation =>
  anObservation({
    observationId: '01890000-0000-8000-8000-00000000000c',
    arm: 'control',
    armFingerprint: 'cccccccccccccccc',
    model: 'large-1',
    answer: anAnswer(),
    ttftMs: 390,
    totalMs: 1900,
    costUsd: 0.004,
    ...overrides,
  })

type SetParts = {
  served?: Partial<ObservationSet['exchange']['served']>
  exchange?: Partial<ObservationSet['exchange']>
  request?: unknown
  observations?: Observation[]
}

export function aSet({ served = {}, exchange = {}, request, observations }: SetParts = {}): ObservationSet {
  const requestText = JSON.stringify(
    request ?? { model: 'large', messages: [{ role: 'user', content: 'Where is it?' }] },
  )
  return {
    version: 1,
    servedCostUsd: 0.0041,
    observations: observations ?? [aControl(), anObservation()],
    exchange: {
      version: 1,
      exchangeId,
      capturedAt: '2026-11-02T08:00:00.000Z',
      source: 'tap',
      upstream: 'acme',
      route: 'support',
      task: null,
      conversationId: 'conversation-1',
      sampleProbability: 0.5,
      captureMode: 'redacted',
      dialect: 'openai-chat',
      request: {
        method: 'POST',
        path: '/v1/chat/completions',
        headers: {},
        body: aBody(requestText),
        model: 'large',
        streamed: false,
      },
      served: {
        status: 200,
        headers: {},
        body: aBody('{}'),
        end: 'complete',
        chunks: [],
        ttftMs: 400,
        totalMs: 2000,
        answer: anAnswer(),
        ...served,
      },
      ...exchange,
    },
  }
}

/** What the work costs this process, whatever else the machine does. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function aBody(text: string) {
  const sizeBytes = Buffer.byteLength(text)
  return { encoding: 'utf8' as const, data: text, sizeBytes, sha256: null, truncated: false }
}
