import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Answer, type Usage } from '../../../shared/contracts/answer.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'
import { readVectors } from '../../../shared/dialects/openai-embeddings/vectors.ts'

/** One fact of a case in `test/fixtures/wire`: what holds at a place of the answer. */
export type Fact = { on: string; op: string; value?: unknown }

/** Places the record deliberately does not keep, or that later stages decide. */
export const notKept = new Set([
  'response_id',
  'refusal_category',
  'thinking_signatures',
  'retryable',
  'error_class',
  'cost_usd',
  'messages',
  'messages[0].phase',
  'messages[1].phase',
])

/** The answer in the neutral words of the cases. */
export function neutralAnswer(answer: Answer): Record<string, unknown> {
  const { usage } = answer
  const known = Object.values(usage).some((value) => value !== null)
  return {
    complete: answer.complete,
    outcome: answer.outcome,
    finish: answer.finish,
    native_finish: answer.nativeFinish,
    text: answer.text,
    text_as_json: parsed(answer.text),
    thinking_text: answer.thinkingText,
    answer_text: answer.text,
    reasoning_summary: answer.thinkingText,
    refusal_text: answer.refusalText,
    refused: answer.outcome === 'refused',
    model: answer.model,
    tool_calls: answer.toolCalls.map(neutralCall),
    tool_calls_raw: answer.toolCalls.map((call) => call.argumentsText),
    server_tool_calls: answer.serverToolCalls.map(neutralCall),
    anomalies: answer.anomalies,
    comparable: answer.outcome !== 'error' && answer.complete,
    error_type: answer.error?.type,
    error_code: answer.error?.code,
    usage: !known
      ? null
      : {
          input_total: usage.inputTokens,
          input_uncached: uncached(usage),
          cache_read: usage.cachedInputTokens,
          cache_write: usage.cacheWriteInputTokens,
          output_total: usage.outputTokens,
          reasoning: usage.reasoningTokens,
        },
  }
}

/** The vectors of an embeddings answer, each with its length in space. */
export function neutralVectors(body: unknown): unknown[] {
  return readVectors(body as Json).map((vector) => Object.assign([...vector!], { l2norm: Math.hypot(...vector!) }))
}

export function checkFact(record: Record<string, unknown>, fact: Fact): void {
  const check = checks[fact.op]
  ok(check, `no check for ${fact.op}`)
  check(at(record, fact.on), fact.value, `${fact.on} ${fact.op} ${JSON.stringify(fact.value)}`)
}

const checks: Record<string, (actual: unknown, value: unknown, message: string) => void> = {
  is: (actual, value, message) => deepEqual(actual, value, message),
  is_null: (actual, _, message) => equal(actual, null, message),
  is_unknown: (actual, _, message) => ok(actual === null || actual === undefined, message),
  length: (actual, value, message) => equal(sized(actual).length, value, message),
  length_in: (actual, value, message) => {
    const [least, most] = value as [number, number]
    ok(sized(actual).length >= least && sized(actual).length <= most, message)
  },
  approx: (actual, value, message) => {
    const near = value as { value: number; abs: number }
    ok(typeof actual === 'number' && Math.abs(actual - near.value) <= near.abs, message)
  },
  contains: (actual, value, message) => ok(String(actual).includes(String(value)), message),
  not_contains: (actual, value, message) => ok(!String(actual).includes(String(value)), message),
  starts_with: (actual, value, message) => ok(String(actual).startsWith(String(value)), message),
  not_empty: (actual, _, message) => ok(sized(actual).length > 0, message),
  last_is: (actual, value, message) => deepEqual(sized(actual).at(-1), value, message),
  parses_as_json: (actual, _, message) => ok(parsed(String(actual)) !== undefined, message),
  none_contains: (actual, value, message) => ok(!JSON.stringify(actual).includes(String(value)), message),
  each_arguments_object: (actual, _, message) =>
    ok(
      (actual as { arguments: unknown }[]).every(
        (call) => typeof call.arguments === 'object' && call.arguments !== null,
      ),
      message,
    ),
}

function uncached(usage: Usage): number | null {
  if (usage.inputTokens === null) return null
  return usage.inputTokens - (usage.cachedInputTokens ?? 0) - (usage.cacheWriteInputTokens ?? 0)
}

function sized(value: unknown): unknown[] {
  ok(typeof value === 'object' && value !== null && 'length' in value)
  return value as unknown[]
}

function neutralCall(call: { id: string | null; name: string; argumentsText: string }) {
  const value = call.argumentsText === '' ? {} : parsed(call.argumentsText)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { id: call.id, name: call.name, arguments: isObject ? value : null }
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

/** The value at a path such as `tool_calls[0].name`. */
function at(record: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], record)
}
