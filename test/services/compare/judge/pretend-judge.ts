import { type ServerResponse } from 'node:http'
import { type TestContext } from 'node:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareSet } from '../../../../services/compare/compare.ts'
import { openSettling, type Settling } from '../../../../services/compare/settle.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { type Comparison } from '../../../../shared/contracts/comparison.ts'
import { type ObservationSet } from '../../../../shared/contracts/observation.ts'
import { type TopicLog } from '../../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { type PriceBook } from '../../../../shared/pricing/price-book.ts'
import {
  type Asked,
  chatCompletion,
  message,
  pretendProvider,
  type PretendProvider,
  sendJson,
} from '../../replay/pretend-provider.ts'
import { aControl, anAnswer, anObservation, aSet } from '../builders.ts'

/** What the ladder leaves open: no facts, nothing in common, neither a refusal. */
export const servedText = 'Your parcel has left our warehouse and the carrier is bringing it to you now.'
export const goodText = 'The carrier has your parcel and it will reach you soon.'
/** Says the same, and to the ladder something else altogether: not one word of it is in the served answer. */
export const rewordedText = 'The shipment is already with the delivery company, so it should reach your door soon.'
export const badText = 'Our team loves hearing from customers, and your parcel matters a great deal to everybody here.'

type Slots = { first: string; second: string }
/** What a judge says when it sees the two answers. */
export type Opinion = (slots: Slots, nth: number) => string | ((response: ServerResponse) => void)

export const verdict = (winner: string): string => JSON.stringify({ reason: 'It says so.', winner })

/** Knows a good answer from a bad one, wherever it stands. */
export const fair: Opinion = ({ first, second }) => {
  const [isFirstBad, isSecondBad] = [first, second].map((text) => text.includes(badText))
  if (isFirstBad === isSecondBad) return verdict('tie')
  return verdict(isFirstBad ? 'second' : 'first')
}

export function slotsIn({ body }: Asked): Slots {
  const user = String(body.messages.at(-1)!.content)
  const [first, second] = ['first', 'second'].map(
    (place) => new RegExp(`<<<${place} answer \\w+>>>\\n([^]*)\\n<<<end of ${place} answer`).exec(user)![1]!,
  )
  return { first: first!, second: second! }
}

export function promptText({ body }: Asked): string {
  return [(body as { system?: string }).system ?? '', ...body.messages.map(({ content }) => String(content))].join('\n')
}

/** A judge on a real socket, of either dialect. */
export function pretendJudge(context: TestContext, opinion: Opinion): Promise<PretendProvider> {
  return pretendProvider(context, (response, asked, nth) => {
    const said = opinion(slotsIn(asked), nth)
    if (typeof said !== 'string') return said(response)
    const isMessages = asked.path.endsWith('/messages')
    sendJson(
      response,
      200,
      isMessages ? message([{ type: 'text', text: said }], 'wise-1') : chatCompletion(said, 'wise-1'),
    )
  })
}

/** A dollar a token out: a verdict of the pretend provider costs four. Models named `unpriced…` have no price. */
export const fourDollarsEach: PriceBook = {
  costUsd: ({ model, usage }) =>
    model.startsWith('unpriced') ? null : usage.outputTokens === null ? null : usage.outputTokens / 1,
}

type Settings = { dialect?: 'openai' | 'anthropic'; compare?: object; judge?: object; provider?: object; file?: string }

export function aConfig(
  url: string,
  { dialect = 'openai', compare, judge, provider, file = ':memory:' }: Settings = {},
): Config {
  return Config.parse({
    tap: { upstreams: { acme: { dialect: 'openai', baseUrl: url } } },
    log: { embedded: file },
    providers: {
      acme: { dialect: 'openai', baseUrl: url },
      court: { dialect, baseUrl: dialect === 'openai' ? `${url}/v1` : url, apiKey: 'sk-court', ...provider },
    },
    control: { provider: 'acme' },
    candidates: [{ name: 'small', provider: 'acme', model: 'small-1' }],
    compare: compare ?? { judge: { provider: 'court', model: 'wise-1', timeoutMs: 2_000, ...judge } },
  })
}

export async function aSettling(context: TestContext, url: string, settings: Settings = {}): Promise<Settling> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-judge-'))
  const file = settings.file ?? join(folder, 'log.db')
  const config = aConfig(url, { ...settings, file })
  // On one machine limits are kept in a file beside the log, and the log itself is not used.
  const log = {} as TopicLog
  const settling = (await openSettling({ config, log, logger: silentLogger, prices: fourDollarsEach }))!
  context.after(async () => {
    await settling.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return settling
}

type Texts = { served?: string; control?: string; candidate?: string }

/** One exchange, the control's answer the served one in other words unless told otherwise. */
export function textSet({ served = servedText, control = goodText, candidate = badText }: Texts = {}): ObservationSet {
  return aSet({
    served: { answer: anAnswer({ text: served }) },
    observations: [
      aControl({ answer: anAnswer({ text: control }) }),
      anObservation({ answer: anAnswer({ model: 'small-1', text: candidate }) }),
    ],
  })
}

export type Settled = { control: Comparison; candidate: Comparison }

export async function settle(
  settling: Settling,
  set: ObservationSet = textSet(),
  signal = new AbortController().signal,
): Promise<Settled> {
  const settled = await settling.settle(set, compareSet(set, new Date()), signal)
  const of = (name: string) => settled.find(({ arm }) => arm === name)!
  return { control: of('control'), candidate: of('small') }
}
