import { type Dialect } from '../contracts/exchange.ts'
import { type Losses, efforts } from './canonical.ts'
import { type Json, type JsonObject } from './dialect.ts'
import { dropPrefill, hoistSystemTurns, tidyTurns } from './anthropic-messages/turn-rules.ts'
import { budgetOf, mayThink } from './anthropic-messages/thinking-budget.ts'
import { field, fieldAt, isObject, text } from './json.ts'
import { bareModel, type ModelRule, modelRules, type ThinkingType } from './model-rules.ts'

/** Whom a body is for, and who answered it before. */
export type RuleContext = {
  dialect: Dialect
  model: string
  /** `anthropic-version`, where the dialect has one. */
  version: string | null
  /** Did the served model think within the limit of the recorded call? */
  servedThinks: boolean
}

/** The body as the model takes it. */
export function applyModelRules(body: JsonObject, context: RuleContext, losses: Losses): JsonObject {
  let accepted = body
  const { id, rules } = knownModel(context.model)
  for (const rule of rules) {
    if (isInForce(rule, context)) accepted = applyRule(accepted, rule, id, context, losses)
  }
  return accepted
}

/** Would a version of the API or the model itself refuse what this body says about sampling? */
export function losesSampling(body: JsonObject, context: RuleContext): boolean {
  return knownModel(context.model).rules.some(
    (rule) => rule.does === 'drop' && rule.severity === 'material' && isInForce(rule, context) && says(body, rule),
  )
}

const sampling = new Set(['temperature', 'top_p', 'top_k'])

function says(body: JsonObject, rule: ModelRule): boolean {
  return sampling.has(rule.parameter) && field(body, rule.parameter) !== undefined
}

/** Does a limit on this call's tokens hold thinking as well as the answer? */
export function thinksWithinLimit(body: JsonObject): boolean {
  const thinking = text(field(field(body, 'thinking'), 'type'))
  if (thinking !== null) return thinking !== 'disabled'
  const { id, rules } = knownModel(text(field(body, 'model')) ?? '')
  return rules.some((rule) => rule.does === 'headroom' && !isIdle(body, rule, id))
}

function isInForce(rule: ModelRule, { dialect, version }: RuleContext): boolean {
  if (rule.dialect !== dialect) return false
  return rule.fromVersion === undefined || (version !== null && version >= rule.fromVersion)
}

/** A model by the name it is known under, and the rules of all dialects that name it. */
type KnownModel = { id: string; rules: ModelRule[] }

const known = new Map<string, KnownModel>()
/** Names come from traffic, so they may be many: what is remembered is forgotten when it is too much. */
const mostModels = 1_000

/** The same few models are asked for again and again. */
function knownModel(name: string): KnownModel {
  const model = known.get(name)
  if (model !== undefined) return model
  if (known.size >= mostModels) known.clear()
  const id = bareModel(name)
  const found = { id, rules: modelRules.filter((rule) => rule.models.test(id)) }
  known.set(name, found)
  return found
}

function applyRule(body: JsonObject, rule: ModelRule, id: string, context: RuleContext, losses: Losses): JsonObject {
  const value = fieldAt(body, rule.parameter)
  if (value === undefined || value === null || isIdle(body, rule, id)) return body
  switch (rule.does) {
    case 'drop':
      return drop(body, rule, value, losses)
    case 'rename':
      losses.add({ parameter: rule.parameter, kind: 'renamed', severity: 'minor', detail: `is ${rule.to} here` })
      return set(without(body, rule.parameter), rule.to, fieldAt(body, rule.to) ?? value)
    case 'nearest':
      return nearest(body, rule.parameter, value, rule.efforts, losses)
    case 'cap':
      return cap(body, rule.parameter, value, rule.at, losses)
    case 'headroom':
      return addHeadroom(body, rule.parameter, value, rule.tokens, context, losses)
    case 'budget':
      return addBudget(body, value, losses)
    case 'unforce':
      return unforce(body, value, losses)
    case 'hoist':
      return hoistSystemTurns(body, losses)
    case 'drop_prefill':
      return dropPrefill(body, losses)
    case 'tidy_turns':
      return tidyTurns(body, losses)
    case 'think':
      return think(body, value, rule.types, losses)
    default:
      return fieldAt(body, rule.other) === undefined
        ? body
        : drop(body, { ...rule, severity: 'material', neutral: [1] }, value, losses)
  }
}

function isIdle(body: JsonObject, rule: ModelRule, id: string): boolean {
  if (rule.unlessIdle === undefined) return false
  const effort = fieldAt(body, 'reasoning_effort') ?? fieldAt(body, 'reasoning.effort') ?? 'none'
  return effort === 'none' && rule.unlessIdle.test(id)
}

type Drop = { parameter: string; severity: 'minor' | 'material'; neutral?: Json[] }

function drop(body: JsonObject, { parameter, severity, neutral = [] }: Drop, value: Json, losses: Losses): JsonObject {
  const harmless = neutral.includes(value)
  losses.add({
    parameter,
    kind: 'dropped',
    severity: harmless ? 'minor' : severity,
    detail: harmless
      ? 'not accepted by the model, and the value is the one it uses anyway'
      : `not accepted by the model. Where that is meant, set ${parameter.split('.')[0]} in the candidate's parameters`,
  })
  return without(body, parameter)
}

function nearest(
  body: JsonObject,
  parameter: string,
  value: Json,
  known: readonly string[],
  losses: Losses,
): JsonObject {
  const wanted = efforts.findIndex((effort) => effort === value)
  if (wanted === -1 || known.some((effort) => effort === value)) return body
  const distance = (effort: string) => Math.abs(efforts.findIndex((each) => each === effort) - wanted)
  // Of two as near the higher one, so that reasoning is never switched off by rounding.
  const chosen = known.toReversed().reduce((best, each) => (distance(each) < distance(best) ? each : best))
  losses.add({ parameter, kind: 'clamped', severity: 'minor', detail: `${efforts[wanted]} became ${chosen}` })
  return set(body, parameter, chosen)
}

function cap(body: JsonObject, parameter: string, value: Json, at: number, losses: Losses): JsonObject {
  if (typeof value !== 'number' || value <= at) return body
  losses.add({ parameter, kind: 'clamped', severity: 'minor', detail: `the model writes ${at} tokens at most` })
  return set(body, parameter, at)
}

function addHeadroom(
  body: JsonObject,
  parameter: string,
  value: Json,
  tokens: number,
  context: RuleContext,
  losses: Losses,
): JsonObject {
  if (typeof value !== 'number' || context.servedThinks) return body
  losses.add({
    parameter,
    kind: 'emulated',
    severity: 'minor',
    detail: `raised by ${tokens} for the reasoning of the model, which this limit holds too`,
  })
  return set(body, parameter, value + tokens)
}

function addBudget(body: JsonObject, effort: Json, losses: Losses): JsonObject {
  const budget = budgetOf(effort)
  const limit = fieldAt(body, 'max_tokens')
  if (budget === null || typeof limit !== 'number' || !mayThink(body)) return body
  losses.add({
    parameter: 'reasoning_effort',
    kind: 'emulated',
    severity: 'minor',
    detail: `an effort is not known to the model; it may think for ${budget} tokens`,
  })
  losses.add({
    parameter: 'max_tokens',
    kind: 'emulated',
    severity: 'minor',
    detail: `raised by ${budget} for the thinking of the model, which this limit holds too`,
  })
  const thinking = { type: 'enabled', budget_tokens: budget }
  return { ...without(body, 'output_config.effort'), max_tokens: limit + budget, thinking }
}

function unforce(body: JsonObject, choice: Json, losses: Losses): JsonObject {
  const type = text(field(choice, 'type'))
  if (type !== 'any' && type !== 'tool') return body
  losses.add({
    parameter: 'tool_choice',
    kind: 'dropped',
    severity: 'material',
    detail: 'the model cannot be made to call a tool; it is offered them',
  })
  const serial = field(choice, 'disable_parallel_tool_use') === true ? { disable_parallel_tool_use: true } : {}
  return { ...body, tool_choice: { type: 'auto', ...serial } }
}

const smallestBudgetTokens = 1_024

function think(body: JsonObject, thinking: Json, types: ThinkingType[], losses: Losses): JsonObject {
  const type = text(field(thinking, 'type'))
  if (types.some((each) => each === type)) return body
  const said = thinkOtherwise(body, type, types)
  losses.add({
    parameter: 'thinking',
    kind: said === null ? 'dropped' : 'emulated',
    severity: 'minor',
    detail: `${type} is not accepted by the model${said === null ? '' : `; ${text(field(said, 'type'))} is asked for`}`,
  })
  return said === null ? without(body, 'thinking') : { ...body, thinking: said }
}

function thinkOtherwise(body: JsonObject, type: string | null, types: ThinkingType[]): JsonObject | null {
  if (type === 'disabled') return null
  if (types.includes('adaptive')) return { type: 'adaptive' }
  const limit = fieldAt(body, 'max_tokens')
  const budget = typeof limit === 'number' ? Math.floor(limit / 2) : 0
  return budget < smallestBudgetTokens ? null : { type: 'enabled', budget_tokens: budget }
}

function set(body: JsonObject, path: string, value: Json): JsonObject {
  const [name = '', ...rest] = path.split('.')
  const inner = field(body, name)
  return { ...body, [name]: rest.length === 0 ? value : set(isObject(inner) ? inner : {}, rest.join('.'), value) }
}

function without(body: JsonObject, path: string): JsonObject {
  const [name = '', ...rest] = path.split('.')
  const { [name]: inner, ...others } = body
  if (rest.length === 0 || !isObject(inner)) return others
  const smaller = without(inner, rest.join('.'))
  return Object.keys(smaller).length === 0 ? others : { ...body, [name]: smaller }
}
