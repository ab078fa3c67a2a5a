import { deepEqual, ok } from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { createGunzip, gzipSync } from 'node:zlib'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { describeAnswer, type DescribedAnswer } from '../../../shared/dialects/describe-answer.ts'
import { createAccumulator } from '../../../shared/dialects/dialects.ts'
import { checkFact, neutralAnswer } from './facts.ts'
import { wireCases } from '../../support/wire-cases.ts'

type Head = { status: number; contentType: string }
type Input = { sse?: string; body?: unknown; http_status?: number; continues_after_end?: boolean }

const cases = [...wireCases<Input>('sse_accumulation'), ...wireCases<Input>('response_normalisation')]
type Case = (typeof cases)[number]

/** Cases of vendors that are compatible with chat completions name the vendor. */
const dialects = new Map<string, Dialect>([
  ['anthropic.messages', 'anthropic-messages'],
  ['openai.responses', 'openai-responses'],
  ['openai.embeddings', 'openai-embeddings'],
])
const dialectOfCase = (each: Case): Dialect => dialects.get(String(each.dialect)) ?? 'openai-chat'

const wireOf = (each: Case) => {
  const contentType = each.input.sse === undefined ? 'application/json' : 'text/event-stream; charset=utf-8'
  const bytes = Buffer.from(each.input.sse ?? JSON.stringify(each.input.body))
  return { bytes, head: { status: each.input.http_status ?? 200, contentType } }
}

for (const each of cases) {
  const dialect = dialectOfCase(each)
  const { bytes, head } = wireOf(each)

  test(`${each.name}: ${each.title}`, () => {
    const record = neutralAnswer(readSplit(dialect, head, [bytes]))
    ok(each.expect.length > 0)
    for (const fact of each.expect) checkFact(record, fact)
  })

  test(`${each.name}: the answer is the same however the bytes are split`, () => {
    const whole = readSplit(dialect, head, [bytes])
    for (let cut = 1; cut < bytes.length; cut++) {
      deepEqual(readSplit(dialect, head, [bytes.subarray(0, cut), bytes.subarray(cut)]), whole)
    }
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    deepEqual(readSplit(dialect, head, single), whole)
  })

  test(`${each.name}: the answer is the same through gzip`, async () => {
    const zipped = gzipSync(bytes)
    const gunzip = createGunzip({ chunkSize: 64 })
    const pieces: Uint8Array[] = []
    for await (const piece of Readable.from(splitAt(zipped, 7)).pipe(gunzip)) pieces.push(piece as Uint8Array)
    deepEqual(readSplit(dialect, head, pieces), readSplit(dialect, head, [bytes]))
  })

  if (each.input.sse === undefined) continue

  for (const [name, end] of [
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    test(`${each.name}: ${name} line ends tell the same, split at every byte`, () => {
      const other = Buffer.from(each.input.sse!.replaceAll('\n', end))
      const single = Array.from(other, (_, at) => other.subarray(at, at + 1))
      deepEqual(readSplit(dialect, head, single), readSplit(dialect, head, [bytes]))
    })
  }

  if (each.input.continues_after_end === true) continue

  test(`${each.name}: without its last event the answer is never complete`, () => {
    const events = each.input.sse!.trimEnd().split('\n\n')
    const cut = readSplit(dialect, head, [Buffer.from(`${events.slice(0, -1).join('\n\n')}\n\n`)])
    ok(!cut.complete)
    ok(cut.outcome === 'incomplete_stream' || cut.outcome === 'error')
  })
}

function splitAt(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

function readSplit(dialect: Dialect, head: Head, pieces: Uint8Array[]): DescribedAnswer {
  const accumulator = createAccumulator(dialect, head)
  for (const piece of pieces) accumulator.push(piece)
  return describeAnswer(accumulator.end(), accumulator.details(), head.status)
}
