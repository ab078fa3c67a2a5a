import { deepEqual, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { createAccumulator, readAnswer } from '../../../shared/dialects/dialects.ts'
import { checkFact, type Fact, neutralAnswer, neutralVectors, notKept } from './facts.ts'

const folder = new URL('../../fixtures/wire/', import.meta.url)

type Case = {
  name: string
  title: string
  dialect: string
  input: { sse?: string; body?: unknown; http_status?: number }
  expect: Fact[]
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case)
  .filter((each) => each.input.sse !== undefined || each.input.body !== undefined)

/** Cases of vendors that are compatible with chat completions name the vendor. */
const dialects = new Map<string, Dialect>([
  ['anthropic.messages', 'anthropic-messages'],
  ['openai.responses', 'openai-responses'],
  ['openai.embeddings', 'openai-embeddings'],
])
const dialectOfCase = (each: Case): Dialect => dialects.get(each.dialect) ?? 'openai-chat'

const wireOf = (each: Case) => {
  const contentType = each.input.sse === undefined ? 'application/json' : 'text/event-stream; charset=utf-8'
  const bytes = Buffer.from(each.input.sse ?? JSON.stringify(each.input.body))
  return { bytes, head: { status: each.input.http_status ?? 200, contentType } }
}

test('every copied case is run', () => ok(cases.length === 35, `${cases.length} cases`))

for (const each of cases) {
  const dialect = dialectOfCase(each)
  const { bytes, head } = wireOf(each)

  test(`${each.name}: ${each.title}`, () => {
    const record = { ...neutralAnswer(readAnswer(dialect, head, bytes)), vectors: neutralVectors(each.input.body) }
    const kept = each.expect.filter((fact) => !notKept.has(fact.on))
    ok(kept.length > 0)
    for (const fact of kept) checkFact(record, fact)
  })

  test(`${each.name}: the answer is the same however the bytes are split`, () => {
    const whole = readAnswer(dialect, head, bytes)
    const step = Math.max(1, Math.floor(bytes.length / 400))
    for (let cut = 1; cut < bytes.length; cut += step) {
      deepEqual(readSplit(dialect, head, [bytes.subarray(0, cut), bytes.subarray(cut)]), whole)
    }
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    deepEqual(readSplit(dialect, head, single), whole)
  })

  if (each.input.sse === undefined) continue

  for (const [name, end] of [
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    test(`${each.name}: ${name} line ends tell the same, split at every byte`, () => {
      const other = Buffer.from(each.input.sse!.replaceAll('\n', end))
      const single = Array.from(other, (_, at) => other.subarray(at, at + 1))
      deepEqual(readSplit(dialect, head, single), readAnswer(dialect, head, bytes))
    })
  }

  test(`${each.name}: without its last event the answer is never complete`, () => {
    const events = each.input.sse!.trimEnd().split('\n\n')
    const cut = readAnswer(dialect, head, Buffer.from(`${events.slice(0, -1).join('\n\n')}\n\n`))
    ok(!cut.complete)
    ok(cut.outcome === 'incomplete_stream' || cut.outcome === 'error')
  })
}

function readSplit(dialect: Dialect, head: { status: number; contentType: string }, pieces: Uint8Array[]) {
  const accumulator = createAccumulator(dialect, head)
  for (const piece of pieces) accumulator.push(piece)
  return accumulator.end()
}
