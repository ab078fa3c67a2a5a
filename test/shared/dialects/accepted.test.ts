import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { refusalOf } from '../../support/strict/refusal.ts'
import { ask } from './asking.ts'
import { chatRequest, messagesRequest, responsesRequest } from './generators.ts'

const requests: Partial<Record<Dialect, fc.Arbitrary<JsonObject>>> = {
  'openai-chat': chatRequest,
  'openai-responses': responsesRequest,
  'anthropic-messages': messagesRequest,
}
const openai = ['gpt-4.1', 'gpt-4o', 'gpt-5-mini', 'gpt-5.4', 'gpt-6-luna', 'o3', 'o4-mini']
const anthropic = [
  'claude-3-5-haiku-20241022',
  'claude-haiku-4-5',
  'claude-opus-4-5',
  'claude-opus-4-6',
  'claude-opus-4-8',
  'claude-sonnet-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-fable-5-2',
  'claude-haiku-5-5',
]
const targets: Partial<Record<Dialect, string[]>> = {
  'openai-chat': openai,
  'openai-responses': openai,
  'anthropic-messages': anthropic,
}

/** Within its dialect a request is sent on as it is, so what was refused then would be refused now. */
function accepted(body: JsonObject): JsonObject {
  const refused = ['min_p', 'reasoning_effort']
  return Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name)))
}

const moves: [Dialect, string[]][] = [
  ['openai-chat', ['gpt-5-mini', 'gpt-5.4', 'o3', 'gpt-4o']],
  ['openai-responses', ['gpt-5-mini', 'gpt-5.4', 'o3', 'gpt-4o']],
  ['anthropic-messages', ['claude-opus-4-5', 'claude-opus-4-8', 'claude-sonnet-5-5', 'claude-opus-5-5']],
]

/** What a model takes of a request, as its callers have learnt: one parameter after the other is left out. */
function takenBy(
  dialect: Dialect,
  model: string,
  body: JsonObject,
  headers: Record<string, string>,
): JsonObject | null {
  const needed = ['model', 'messages', 'input', 'store', 'tools', 'max_tokens']
  const optional = Object.keys(body).filter((name) => !needed.includes(name))
  const renamed = 'max_tokens' in body && dialect === 'openai-chat' && /^(o3|gpt-5)/.test(model)
  let taken: JsonObject = { ...body, model, ...(renamed ? { max_completion_tokens: body['max_tokens']! } : {}) }
  if (renamed) delete taken['max_tokens']
  for (const name of optional) {
    if (refusalOf(dialect, taken, headers) === null) return taken
    taken = Object.fromEntries(Object.entries(taken).filter(([each]) => each !== name))
  }
  return refusalOf(dialect, taken, headers) === null ? taken : null
}

for (const [dialect, sources] of moves) {
  test(`${dialect}: what one model was asked another one can be asked`, () => {
    const headers = { 'anthropic-version': '2023-06-01' }
    const anyModel = fc.constantFrom(...targets[dialect]!)
    fc.assert(
      fc.property(requests[dialect]!, fc.constantFrom(...sources), anyModel, (body, source, model) => {
        const served = takenBy(dialect, source, body, headers)
        fc.pre(served !== null)
        const translation = ask(dialect, served, { dialect, model, headers })
        ok(translation.ok, JSON.stringify(translation))
        equal(refusalOf(dialect, translation.body, translation.headers), null, JSON.stringify(translation.body))
      }),
      { numRuns: 400 },
    )
  })
}

for (const [from, request] of Object.entries(requests) as [Dialect, fc.Arbitrary<JsonObject>][]) {
  for (const [dialect, models] of Object.entries(targets) as [Dialect, string[]][]) {
    test(`${from} to ${dialect}: what is sent is accepted, whatever is asked and of whichever model`, () => {
      const apiVersion = fc.constantFrom(undefined, '2023-06-01', '2026-10-21')
      fc.assert(
        fc.property(request, fc.constantFrom(...models), apiVersion, (body, model, version) => {
          const recorded = { 'anthropic-version': '2023-06-01' }
          const asked = from === dialect ? accepted(body) : body
          fc.pre(from !== dialect || refusalOf(from, asked, recorded) === null)
          const apiVersion = version === undefined || dialect !== 'anthropic-messages' ? {} : { apiVersion: version }
          const translation = ask(from, asked, { dialect, model, headers: recorded, ...apiVersion })
          ok(translation.ok, JSON.stringify(translation))
          equal(refusalOf(dialect, translation.body, translation.headers), null, JSON.stringify(translation.body))
        }),
        { numRuns: 400 },
      )
    })
  }
}
