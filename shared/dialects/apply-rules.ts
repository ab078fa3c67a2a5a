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
  return rulesFor(context).reduce((before, rule) => applyRule(before, rule, context, losses), body)
}

/** Would a version of the API or the model itself refuse what this body says about sampling? */
export function losesSampling(body: JsonObject, context: RuleContext): boolean {
  return rulesFor(context).some((rule) => rule.does === 'drop' && rule.severity === 'material' && says(body, rule))
}

function says(body: JsonObject, rule: ModelRule): boolean {
  return ['temperature', 'top_p', 'top_k'].includes(rule.parameter) && fieldAt(body, rule.parameter) !== undefined
}

/** Does a limit on this call's tokens hold thinking as well as the answer? */
export function thinksWithinLimit(body: JsonObject): boolean {
  const thinking = text(field(field(body, 'thinking'), 'type'))
  if (thinking !== null) return thinking !== 'disabled'
  const model = text(field(body, 'model')) ?? ''
  return rulesOf(model).some((rule) => rule.does === 'headroom' && !isIdle(body, rule, bareModel(model)))
}

/** In force for the dialect and version. */
const rulesFor = ({ dialect, model, version }: RuleContext): ModelRule[] =>
  remembered(rulesByContext, `${dialect} ${version} ${model}`, () =>
    rulesOf(model).filter((rule) => {
      const inForce = rule.fromVersion === undefined || (version !== null && version >= rule.fromVersion)
      return rule.dialect === dialect && inForce
    }),
  )

const rulesByContext = new Map<string, ModelRule[]>()
const rulesByModel = new Map<string, ModelRule[]>()
/** Names come from traffic, so they may be many: what is remembered is forgotten when it is too much. */
const mostModels = 1_000

/** The rules of all dialects that name the model: the same few models are asked for again and again. */
const rulesOf = (model: string): ModelRule[] =>
  remembered(rulesByModel, model, () => {
    const id = bareModel(model)
    return modelRules.filter((rule) => rule.models.test(id))
  })

function remembered(rules: Map<string, ModelRule[]>, key: string, find: () => ModelRule[]): ModelRule[] {
  const known = rules.get(key)
  if (known !== undefined) return known
  if (rules.size >= mostModels) rules.clear()
  const found = find()
  rules.set(key, found)
  return found
}

function applyRule(body: JsonObject, rule: ModelRule, context: RuleContext, losses: Losses): JsonObject {
  const value = fieldAt(body, rule.parameter)
  if (value === undefined || value === null || isIdle(body, rule, bareModel(context.model))) return body
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

function isIdle(body: JsonObject, rule: ModelRule, model: string): boolean {
  const effort = fieldAt(body, 'reasoning_effort') ?? fieldAt(body, 'reasoning.effort') ?? 'none'
  return effort === 'none' && rule.unlessIdle?.test(model) === true
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
