import { type Dialect } from '../contracts/exchange.ts'
import { type Effort } from './canonical.ts'
import { type Json } from './dialect.ts'

export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools'

/** What happens to a parameter a model does not simply take. */
export type RuleAction =
  /** Left out; without harm where it has one of the `neutral` values, which are the model's own. */
  | { does: 'drop'; severity: 'minor' | 'material'; neutral?: Json[] }
  | { does: 'rename'; to: string }
  /** Becomes the nearest of the efforts the model knows. */
  | { does: 'nearest'; efforts: Effort[] }
  | { does: 'cap'; at: number }
  /** An effort becomes a budget of tokens to think with, where nothing in the call forbids thinking. */
  | { does: 'budget' }
  /** The limit holds the model's thinking too: raised where the served model did not think within it. */
  | { does: 'headroom'; tokens: number }
  /** Tools may be offered but not demanded. */
  | { does: 'unforce' }
  /** System turns within the conversation move to the system prompt. */
  | { does: 'hoist' }
  /** The conversation may not end with the assistant. */
  | { does: 'drop_prefill' }
  /** Citations of earlier answers may not stand in what the user says, nor documents in what the assistant said. */
  | { does: 'tidy_turns' }
  /** The ways to think that may be asked for. */
  | { does: 'think'; types: ThinkingType[] }
  /** Goes where the other one is said too. */
  | { does: 'yield_to'; other: string }

export type ModelRule = RuleAction & {
  dialect: Dialect
  models: RegExp
  /** A path such as `output_config.effort`. */
  parameter: string
  /** Holds only from this `anthropic-version` on. */
  fromVersion?: string
  /** Models that are spared while they do not reason: `reasoning_effort` is `none` or not said. */
  unlessIdle?: RegExp
  /** When the provider began to act so, as far as known. */
  since: string
  source: string
}

/** The id without the prefixes of gateways and clouds: `anthropic/claude-…`, `us.anthropic.claude-…`. */
export function bareModel(model: string): string {
  return (model.split('/').at(-1) ?? model).replace(/^([a-z]+\.)*(anthropic|openai)\./, '').toLowerCase()
}

/** `gpt-5-chat` and its like answer at once. */
const reasoning = /^(o\d|gpt-[5-9])(?!.*chat)/
const reasonsOnDemand = /^gpt-5\.[1-4](?!.*(pro|codex|chat))/
const before48 = /^(?!claude-(opus-(4-[89]|[5-9])|sonnet-[5-9]|haiku-[5-9]|fable|mythos))/
const since46 = /^claude-((opus|sonnet)-(4-[6-9]|[5-9])|haiku-[5-9]|fable|mythos)/
const since47 = /^claude-(opus-(4-[7-9]|[5-9])|sonnet-[5-9]|haiku-[5-9]|fable|mythos)/
const thinksUntold = /^claude-(opus-[5-9]|sonnet-[5-9]|fable|mythos)/

/** Thinking blocks of these are refused after any change to what stands before them. */
export const checksThinkingPrefix = /^claude-fable-5-[12]/

const chat = { dialect: 'openai-chat' } as const
const messages = { dialect: 'anthropic-messages' } as const
const openaiGuide = { since: '2025-08-07', source: 'OpenAI reasoning guide; errors of gpt-5 and gpt-5-mini' }
const openaiPage = (since: string) => ({ since, source: 'OpenAI model page' })
const anthropicPage = (since: string) => ({ since, source: 'Anthropic models overview' })
const effortGuide = { since: '2025-11-24', source: 'Anthropic effort guide (read 2026-08-06)' }
const thinkingGuide = { since: '2026-02-05', source: 'Anthropic thinking guide' }
const notes47 = { since: '2026-04-16', source: 'Anthropic migration notes for Opus 4.7 and Sonnet 5' }
const version202610 = { fromVersion: '2026-10-21', since: '2026-10-21', source: 'Anthropic API version 2026-10-21' }

/** Where Responses have what chat completions have. Its other parameters are its own, and are not known to be refused. */
const responsesNames = new Map([
  ['max_completion_tokens', 'max_output_tokens'],
  ['reasoning_effort', 'reasoning.effort'],
  ['verbosity', 'text.verbosity'],
  ['temperature', 'temperature'],
  ['top_p', 'top_p'],
  ['top_logprobs', 'top_logprobs'],
  ['parallel_tool_calls', 'parallel_tool_calls'],
])

/** Applied from top to bottom. A new model or a new refusal is a row here and nothing else. */
export const modelRules: ModelRule[] = [...chatRules(), ...chatRules().flatMap(inResponses), ...messagesRules()]

function chatRules(): ModelRule[] {
  const dropped = (parameter: string, severity: 'minor' | 'material', neutral: Json[] = []): ModelRule => ({
    ...chat,
    models: reasoning,
    parameter,
    does: 'drop',
    severity,
    neutral,
    ...openaiGuide,
  })
  const droppedUnlessIdle = (...rule: Parameters<typeof dropped>): ModelRule => ({
    ...dropped(...rule),
    unlessIdle: reasonsOnDemand,
  })
  const efforts = (models: RegExp, since: string, known: Effort[]): ModelRule => ({
    ...chat,
    models,
    parameter: 'reasoning_effort',
    does: 'nearest',
    efforts: known,
    since,
    source: 'OpenAI reasoning guide; litellm #34599 for gpt-5.5 and later',
  })
  const cap = (models: RegExp, at: number, since: string): ModelRule[] =>
    ['max_tokens', 'max_completion_tokens'].map((parameter) => ({
      ...chat,
      models,
      parameter,
      does: 'cap',
      at,
      ...openaiPage(since),
    }))
  return [
    {
      ...chat,
      models: reasoning,
      parameter: 'max_tokens',
      does: 'rename',
      to: 'max_completion_tokens',
      ...openaiGuide,
    },
    {
      ...chat,
      models: reasoning,
      parameter: 'max_completion_tokens',
      does: 'headroom',
      tokens: 16_384,
      unlessIdle: reasonsOnDemand,
      ...openaiGuide,
    },
    ...cap(/^gpt-4o/, 16_384, '2024-08-06'),
    ...cap(/^gpt-4\.1/, 32_768, '2025-04-14'),
    ...cap(/^gpt-(4-turbo|3)/, 4_096, '2023-11-06'),
    ...cap(/^o[34]/, 100_000, '2025-04-16'),
    ...cap(/^gpt-5/, 128_000, '2025-08-07'),
    efforts(/^(o\d|gpt-oss|grok-)/, '2024-12-17', ['low', 'medium', 'high']),
    efforts(/^gpt-5(?!\.)/, '2025-08-07', ['minimal', 'low', 'medium', 'high']),
    efforts(/^gpt-5\.1/, '2025-11-13', ['none', 'low', 'medium', 'high']),
    efforts(/^gpt-5\.[2-4]/, '2025-12-11', ['none', 'low', 'medium', 'high', 'xhigh']),
    efforts(/^gpt-(5\.[5-9]|[6-9])/, '2026-07-25', ['low', 'medium', 'high', 'xhigh', 'max']),
    {
      ...chat,
      models: /^(?!o\d|gpt-[5-9]|gpt-oss|grok-)/,
      parameter: 'reasoning_effort',
      does: 'drop',
      severity: 'minor',
      since: '2024-12-17',
      source: 'OpenAI API reference',
    },
    droppedUnlessIdle('temperature', 'material', [1]),
    droppedUnlessIdle('top_p', 'material', [1]),
    droppedUnlessIdle('logprobs', 'minor'),
    droppedUnlessIdle('top_logprobs', 'minor'),
    dropped('presence_penalty', 'material', [0]),
    dropped('frequency_penalty', 'material', [0]),
    dropped('logit_bias', 'material'),
    dropped('prediction', 'minor'),
    dropped('stop', 'material'),
    { ...dropped('parallel_tool_calls', 'material', [true]), models: /^o\d/, since: '2024-12-17' },
    { ...dropped('verbosity', 'material', ['medium']), models: /^(?!gpt-[5-9])/, source: 'OpenAI API reference' },
  ]
}

/** A model refuses the same things at either endpoint. */
function inResponses(rule: ModelRule): ModelRule[] {
  const parameter = responsesNames.get(rule.parameter)
  return parameter === undefined ? [] : [{ ...rule, dialect: 'openai-responses', parameter }]
}

function messagesRules(): ModelRule[] {
  const cap = (models: RegExp, at: number, since: string): ModelRule => ({
    ...messages,
    models,
    parameter: 'max_tokens',
    does: 'cap',
    at,
    ...anthropicPage(since),
  })
  const think = (models: RegExp, types: ThinkingType[]): ModelRule => ({
    ...messages,
    models,
    parameter: 'thinking',
    does: 'think',
    types,
    ...thinkingGuide,
  })
  const noSampling = (rule: Pick<ModelRule, 'models' | 'fromVersion' | 'since' | 'source'>): ModelRule[] =>
    ['temperature', 'top_p', 'top_k'].map((parameter) => ({
      ...messages,
      ...rule,
      parameter,
      does: 'drop',
      severity: 'material',
      neutral: parameter === 'top_k' ? [] : [1],
    }))
  const efforts = (models: RegExp, known: Effort[]): ModelRule => ({
    ...messages,
    models,
    parameter: 'output_config.effort',
    does: 'nearest',
    efforts: known,
    ...effortGuide,
  })
  return [
    {
      ...messages,
      models: before48,
      parameter: 'messages',
      does: 'hoist',
      since: '2023-06-01',
      source: 'API reference',
    },
    {
      ...messages,
      models: since46,
      parameter: 'messages',
      does: 'drop_prefill',
      since: '2026-02-05',
      source: 'Anthropic error reference, "Prefill not supported"',
    },
    {
      ...messages,
      models: /^claude-(3-7|haiku-4|sonnet-4-(5|20)|opus-4-(1|20))/,
      parameter: 'output_config.effort',
      does: 'budget',
      since: '2025-02-24',
      source: 'Anthropic extended thinking guide',
    },
    { ...messages, models: thinksUntold, parameter: 'max_tokens', does: 'headroom', tokens: 16_384, ...notes47 },
    cap(/^claude-3-(opus|sonnet|haiku)/, 4_096, '2024-02-29'),
    cap(/^claude-3-5/, 8_192, '2024-06-20'),
    cap(/^claude-opus-4-(1|20)/, 32_000, '2025-05-22'),
    cap(/^claude-(3-7|(sonnet|haiku)-4|opus-4-5)/, 64_000, '2025-05-22'),
    cap(/^claude-/, 128_000, '2026-02-05'),
    { ...messages, models: /^claude-/, parameter: 'messages', does: 'tidy_turns', ...version202610 },
    ...noSampling({ models: /^claude-/, ...version202610 }),
    ...noSampling({ models: since47, ...notes47 }),
    {
      ...messages,
      models: /^claude-(opus-4-[1-6]|sonnet-4-[56]|haiku-4-5)/,
      parameter: 'top_p',
      does: 'yield_to',
      other: 'temperature',
      since: '2025-08-05',
      source: 'Anthropic migration notes for Opus 4.1',
    },
    {
      ...messages,
      models: /^claude-(opus-5-5|sonnet-5-5|fable-5-[12])/,
      parameter: 'tool_choice',
      does: 'unforce',
      since: '2026-09-01',
      source: 'Anthropic notes for Fable 5.1, Opus 5.5 and Sonnet 5.5',
    },
    think(/^claude-(opus-5-5|fable|mythos)/, ['adaptive']),
    think(/^claude-sonnet-5-5/, ['adaptive', 'disabled', 'between_tools']),
    think(/^claude-(opus-(4-[7-9]|5(?!-5))|sonnet-5(?!-5)|haiku-5)/, ['adaptive', 'disabled']),
    think(/^claude-(opus|sonnet)-4-6/, ['adaptive', 'enabled', 'disabled']),
    think(/^claude-(3|haiku-4|(opus|sonnet)-4-(20|[015]))/, ['enabled', 'disabled']),
    {
      ...messages,
      models: /^claude-(3|haiku-4|sonnet-4-(5|20)|opus-4-(1|20))/,
      parameter: 'output_config.effort',
      does: 'drop',
      severity: 'minor',
      ...effortGuide,
    },
    efforts(/^claude-opus-4-5/, ['low', 'medium', 'high']),
    efforts(/^claude-(opus|sonnet)-4-6/, ['low', 'medium', 'high', 'max']),
    {
      ...messages,
      models: /^claude-(3|(opus|sonnet)-4-20)/,
      parameter: 'output_config.format',
      does: 'drop',
      severity: 'material',
      since: '2025-11-14',
      source: 'Anthropic structured outputs guide',
    },
  ]
}
