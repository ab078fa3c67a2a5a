import { type TestContext } from 'node:test'
import { Config } from '../../../shared/config/schema.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { type ObservationSet } from '../../../shared/contracts/observation.ts'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { uuidv7 } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { type PriceBook } from '../../../shared/pricing/price-book.ts'
import { openArms as openConfiguredArms } from '../../../services/replay/arms.ts'
import { createTransport } from '../../../shared/providers/transport.ts'
import { createGate, type Gate, type GateTools } from '../../../services/replay/gate.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { type ReplayTools } from '../../../services/replay/ask.ts'
import { type ReplayArm } from '../../../services/replay/question.ts'
import { replayExchange } from '../../../services/replay/replay.ts'
import { chatCompletion, message } from './pretend-provider.ts'

/** A dollar per token out, nothing in; models named `unpriced…` have no price. */
export const tokenDollars: PriceBook = {
  costUsd: ({ model, usage }) => (model.startsWith('unpriced') ? null : usage.outputTokens),
}

export const idle: Omit<ReplayTools, 'gate'> = {
  prices: tokenDollars,
  draining: new AbortController().signal,
  halted: new AbortController().signal,
}

/** A config with one provider per dialect, each at its pretend address. */
export function aConfig(urls: { openai: string; anthropic?: string }, changes: object = {}): Config {
  return Config.parse({
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: urls.openai } } },
    providers: {
      openai: { dialect: 'openai', baseUrl: `${urls.openai}/v1`, apiKey: 'sk-operator-openai' },
      anthropic: { dialect: 'anthropic', baseUrl: urls.anthropic ?? urls.openai, apiKey: 'sk-operator-anthropic' },
    },
    control: { provider: 'openai' },
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4o-mini' }],
    ...changes,
  })
}

const gates = new WeakMap<readonly ReplayArm[], Gate>()

/** The arms of a config, with a gate of their own unless `tools` name a state that they share with others. */
export function openArms(context: TestContext, config: Config, tools: Partial<GateTools> = {}): ReplayArm[] {
  const transport = createTransport()
  context.after(() => transport.close())
  const arms = openConfiguredArms(config, transport)
  const { now } = tools
  const state = openLocalState({ file: ':memory:', ...(now && { now: () => now().getTime() }) })
  context.after(() => state.close())
  gates.set(arms, createGate({ state, providers: config.providers, logger: silentLogger, ...tools }))
  return arms
}

/** Of a worker that remembers nothing of a former life. */
export const nothingDone = { markDone: () => Promise.resolve(), isDone: () => false, forgetBefore: () => {} }

export const gateOf = (arms: readonly ReplayArm[]): Gate => gates.get(arms)!

export const replay = (exchange: Exchange, arms: ReplayArm[], tools: Partial<ReplayTools> = {}) =>
  replayExchange(exchange, arms, { gate: gateOf(arms), ...idle, ...tools })

export function observationOf(set: ObservationSet, arm: string): ObservationSet['observations'][number] {
  const found = set.observations.find((each) => each.arm === arm)
  if (found === undefined) throw new Error(`no observation of ${arm}`)
  return found
}

const chatRequest = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Which colour is the sky?' }] }
const messagesRequest = { ...chatRequest, model: 'claude-sonnet-4-6', max_tokens: 100 }

export function servedChat(text = 'Blue.'): Answer {
  const bytes = Buffer.from(JSON.stringify(chatCompletion(text, 'gpt-4o-2024-08-06')))
  return readAnswer('openai-chat', { status: 200, contentType: 'application/json' }, bytes)
}

export function aBody(value: object | string | null, changes = {}): Exchange['request']['body'] {
  const data = value === null || typeof value === 'string' ? value : JSON.stringify(value)
  return { encoding: 'utf8', data, sizeBytes: data?.length ?? 0, sha256: null, truncated: false, ...changes }
}

type Changes = { request?: object; served?: object; [key: string]: unknown }

/** A chat exchange that was served well. */
export function anExchange(body: object | string = chatRequest, changes: Changes = {}): Exchange {
  const asked = typeof body === 'string' ? JSON.parse(body) : body
  return Exchange.parse({
    version: 1,
    exchangeId: uuidv7(),
    capturedAt: new Date().toISOString(),
    source: 'tap',
    upstream: 'openai',
    route: 'default',
    task: null,
    conversationId: 'conversation-1',
    sampleProbability: 1,
    captureMode: 'full',
    dialect: 'openai-chat',
    ...changes,
    request: {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {},
      body: aBody(body),
      model: asked.model,
      streamed: asked.stream === true,
      ...changes.request,
    },
    served: {
      status: 200,
      headers: {},
      body: aBody(chatCompletion('Blue.')),
      end: 'complete',
      chunks: [],
      ttftMs: 100,
      totalMs: 200,
      answer: servedChat(),
      ...changes.served,
    },
  })
}

/** A messages exchange that was served well. */
export function aMessagesExchange(body: object = messagesRequest, changes: Changes = {}): Exchange {
  const served = message([{ type: 'text', text: 'Blue.' }], 'claude-sonnet-4-6')
  return anExchange(body, {
    dialect: 'anthropic-messages',
    upstream: 'anthropic',
    ...changes,
    request: { path: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' }, ...changes.request },
    served: {
      body: aBody(served),
      answer: readAnswer(
        'anthropic-messages',
        { status: 200, contentType: 'application/json' },
        Buffer.from(JSON.stringify(served)),
      ),
      ...changes.served,
    },
  })
}
