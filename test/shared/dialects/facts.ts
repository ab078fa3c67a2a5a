import { deepEqual, equal, ok } from 'node:assert/strict'
import { type DescribedAnswer } from '../../../shared/dialects/describe-answer.ts'

/** One fact of a case in `test/fixtures/wire`: what holds at a place of the answer. */
export type Fact = { on: string; op: string; value?: unknown }

/** The answer under the names of the cases: ours, in snake case, and a few that are another view of the same. */
export function neutralAnswer(answer: DescribedAnswer): Record<string, unknown> {
  return {
    ...inSnakeCase(answer),
    usage: answer.usage === null ? null : inSnakeCase(answer.usage),
    text_as_json: parsed(answer.text),
    reasoning_summary: answer.thinkingText,
    vectors: answer.vectors.map((vector) => vector && Object.assign([...vector], { l2norm: Math.hypot(...vector) })),
  }
}

function inSnakeCase(record: object): Record<string, unknown> {
  const named = Object.entries(record).map(([name, value]): [string, unknown] => [
    name.replaceAll(/[A-Z]|\d+/g, (piece) => `_${piece.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(named)
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

function sized(value: unknown): unknown[] {
  ok(typeof value === 'object' && value !== null && 'length' in value)
  return value as unknown[]
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
