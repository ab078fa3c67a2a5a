import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type FinishedCopy } from '../../../services/tap/capture.ts'
import { createProcessor } from '../../../services/tap/process.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { decodeMessage } from '../../../shared/log/messages.ts'
import { testConfig } from './tap-kit.ts'

const paths = {
  openai: ['/v1/chat/completions', '/v1/responses', '/v1/completions', '/v1/embeddings'],
  anthropic: ['/v1/messages'],
}

const anyWord = fc.constantFrom(
  ...(
    'role content assistant tool type text tool_use message_start delta index id content_block_start message_delta ' +
    'content_block_delta message choices tool_calls function name arguments usage prompt_tokens error model stop_reason ' +
    'finish_reason output item response response.completed response.output_text.delta output_text refusal jane@x.org'
  ).split(' '),
)
const anyBody = fc.dictionary(
  anyWord,
  fc.oneof(fc.jsonValue({ maxDepth: 3 }), anyWord, fc.dictionary(anyWord, anyWord)),
)
const anyText = fc.oneof(
  anyBody.map((body) => JSON.stringify(body)),
  anyBody.map((body) => `data: ${JSON.stringify(body)}\n\n`),
  fc.string(),
)
const anyBytes = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }),
)

const anyCopied = fc.record({
  bytes: anyBytes,
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  truncated: fc.boolean(),
})
const anyTimeMs = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }))

function copied({ bytes, cut, truncated }: { bytes: Uint8Array; cut: number; truncated: boolean }) {
  const at = Math.floor(bytes.length * cut)
  const pieces = [bytes.subarray(0, at), bytes.subarray(at)].map((bytes, index) => ({ atMs: index, bytes }))
  return { pieces, sizeBytes: bytes.length, truncated, sha256: null }
}

const anyCopy: fc.Arbitrary<FinishedCopy> = fc
  .record({
    call: fc.constantFrom(
      ...Object.entries(paths).flatMap(([upstream, all]) => all.map((path) => ({ upstream, path }))),
    ),
    request: anyCopied,
    answer: anyCopied,
    status: fc.option(fc.integer({ min: 100, max: 599 })),
    label: fc.constantFrom('application/json', 'text/event-stream', ''),
    coding: fc.constantFrom('identity', 'gzip', 'unknown'),
    end: fc.constantFrom('complete', 'client_aborted', 'upstream_aborted', 'unreachable'),
    sentAtMs: anyTimeMs,
    endedAtMs: anyTimeMs,
  })
  .map(({ call, request, answer, label, coding, ...rest }) => ({
    ...rest,
    ...call,
    source: 'tap',
    exchangeId: '019aa5c2-7d3e-7bbb-8000-000000000000',
    capturedAtMs: 1_763_693_829_123,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    plan: 'capture',
    request: copied(request),
    answerHeaders: { 'content-type': label, 'content-encoding': coding },
    answer: copied(answer),
    failure: null,
    heldBytes: 0,
  }))

test('whatever has passed becomes a record of the agreed shape', async () => {
  const processes = (['full', 'redacted', 'metadata'] as const).map((mode) =>
    createProcessor(testConfig('http://127.0.0.1:1', { tap: { capture: { mode } } })),
  )
  await fc.assert(
    fc.asyncProperty(anyCopy, async (copy) => {
      for (const process of processes) {
        const processed = await process(copy)
        const message = processed.outcome === 'captured' ? processed.message : 'none'
        deepEqual(decodeMessage(Exchange, message), JSON.parse(message))
      }
    }),
    { numRuns: 500 },
  )
})

test('a body without a secret is kept byte by byte, and one with a secret is masked', async () => {
  const process = createProcessor(testConfig('http://127.0.0.1:1'))
  const bodies = (text: string) => ({
    request: copied({
      bytes: Buffer.from(`\n {"a":1e400,"messages":[{"content":"${text}"}]}`),
      cut: 0,
      truncated: false,
    }),
    answer: copied({
      bytes: Buffer.from(`{"choices":[{"message":{"content":"${text}"}}] }`),
      cut: 0.5,
      truncated: false,
    }),
  })
  const [sample] = fc.sample(anyCopy, { numRuns: 1, seed: 1 })
  const kept = async (text: string) => {
    const copy = { ...sample!, ...bodies(text), status: 200, upstream: 'openai', path: '/v1/chat/completions' }
    const processed = await process({ ...copy, answerHeaders: {} })
    const { request, served } = decodeMessage(Exchange, processed.outcome === 'captured' ? processed.message : '')
    return [request.body.data, served.body.data, served.answer?.text]
  }

  deepEqual(await kept('“plain”'), [
    '\n {"a":1e400,"messages":[{"content":"“plain”"}]}',
    '{"choices":[{"message":{"content":"“plain”"}}] }',
    '“plain”',
  ])
  deepEqual(await kept('jane\\u0040x.org'), [
    '\n {"a":1e400,"messages":[{"content":"[EMAIL_1]"}]}',
    '{"choices":[{"message":{"content":"[EMAIL_1]"}}] }',
    '[EMAIL_1]',
  ])
  equal((await kept('no JSON: "'))[0], null)
})
