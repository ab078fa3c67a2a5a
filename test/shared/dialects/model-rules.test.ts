import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bareModel, modelRules } from '../../../shared/dialects/model-rules.ts'

const rulesOf = (model: string, does: string, parameter: string) =>
  modelRules.filter((rule) => rule.models.test(bareModel(model)) && rule.does === does && rule.parameter === parameter)

const sampling = (model: string) => rulesOf(model, 'drop', 'temperature').some((rule) => rule.fromVersion === undefined)

test('every row says since when and where it was read', () => {
  for (const rule of modelRules) {
    match(rule.since, /^20\d\d-\d\d-\d\d$/)
    ok(rule.source.length > 5)
  }
})

test('a model is found behind the prefixes of gateways and clouds', () => {
  equal(bareModel('anthropic/claude-opus-4-8'), 'claude-opus-4-8')
  equal(bareModel('us.anthropic.claude-opus-4-8'), 'claude-opus-4-8')
  equal(bareModel('openai/GPT-5-mini'), 'gpt-5-mini')
  equal(bareModel('gpt-4.1'), 'gpt-4.1')
  equal(bareModel('o3'), 'o3')
})

test('families are told apart: snapshots belong, near names do not', () => {
  for (const model of [
    'gpt-5',
    'gpt-5-mini-2025-08-07',
    'o3',
    'o4-mini',
    'gpt-6.1-sol',
    'claude-opus-4-7',
    'claude-fable-5-2',
  ]) {
    ok(sampling(model), model)
  }
  for (const model of [
    'gpt-4o',
    'gpt-5-chat-latest',
    'claude-opus-4-20250514',
    'claude-sonnet-4-6',
    'ollama',
    'qwen-o3',
  ]) {
    ok(!sampling(model), model)
  }
  for (const model of ['claude-opus-4-6', 'claude-sonnet-4-6', 'claude-haiku-5-5']) {
    equal(rulesOf(model, 'drop_prefill', 'messages').length, 1, model)
  }
  for (const model of ['claude-opus-4-5-20251101', 'claude-haiku-4-5', 'claude-sonnet-4-20250514']) {
    equal(rulesOf(model, 'drop_prefill', 'messages').length, 0, model)
  }
  for (const model of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1', 'claude-fable-5-2']) {
    equal(rulesOf(model, 'unforce', 'tool_choice').length, 1, model)
  }
  for (const model of ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5-5']) {
    equal(rulesOf(model, 'unforce', 'tool_choice').length, 0, model)
  }
})

test('each model has one list of ways to think and one list of efforts at most', () => {
  const models = [
    'claude-3-haiku-20240307 claude-3-7-sonnet-20250219 claude-opus-4-20250514 claude-opus-4-1 claude-opus-4-5',
    'claude-opus-4-6 claude-opus-4-7 claude-opus-4-8 claude-opus-5 claude-opus-5-5 claude-sonnet-4-20250514',
    'claude-sonnet-4-5 claude-sonnet-4-6 claude-sonnet-5 claude-sonnet-5-5 claude-haiku-4-5 claude-haiku-5-5',
    'claude-fable-5 claude-fable-5-1 claude-fable-5-2',
  ].flatMap((line) => line.split(' '))
  for (const model of models) {
    equal(rulesOf(model, 'think', 'thinking').length, 1, model)
    ok(rulesOf(model, 'nearest', 'output_config.effort').length <= 1, model)
  }
  for (const model of 'o3 o4-mini gpt-5 gpt-5-nano gpt-5.1 gpt-5.4-mini gpt-5.6-sol gpt-6-luna gpt-6.1-terra gpt-oss-120b'.split(
    ' ',
  )) {
    equal(rulesOf(model, 'nearest', 'reasoning_effort').length, 1, model)
    equal(rulesOf(model, 'drop', 'reasoning_effort').length, 0, model)
  }
})
