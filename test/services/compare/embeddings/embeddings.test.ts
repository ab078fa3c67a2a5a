import { deepEqual, equal, ok } from 'node:assert/strict'
import { type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { cosine } from '../../../../services/compare/embeddings/embedder.ts'
import { compareSet } from '../../../../services/compare/compare.ts'
import { chatError, pretendProvider, sendJson } from '../../replay/pretend-provider.ts'
import { aSettling, badText, goodText, servedText, settle, textSet } from '../judge/pretend-judge.ts'

/** Two dimensions: about delivery, about anything else. */
function vectorOf(text: string): number[] {
  if (text === servedText) return [1, 0]
  return text === goodText ? [0.8, 0.6] : [0, 1]
}

type AskedForVectors = { model: string; input: string[]; encoding_format: string }

function pretendEmbeddings(t: TestContext, failure?: (response: ServerResponse, nth: number) => boolean) {
  return pretendProvider(t, (response, { text }, nth) => {
    if (failure?.(response, nth)) return
    const { input } = JSON.parse(text) as AskedForVectors
    // Out of order: the index says which is which.
    const data = input.map((each, index) => ({ object: 'embedding', index, embedding: vectorOf(each) })).toReversed()
    sendJson(response, 200, { object: 'list', model: 'space-1', data, usage: { prompt_tokens: 5, total_tokens: 5 } })
  })
}

const embeddings = (rest = {}) => ({ embeddings: { provider: 'court', model: 'space-1', timeoutMs: 500, ...rest } })

const close = (value: number | undefined, expected: number) =>
  ok(value !== undefined && Math.abs(value - expected) < 1e-6, `${value} is not ${expected}`)

test('divergence becomes the angle between the meanings, for control and candidate alike, and quality stays', async (t) => {
  const server = await pretendEmbeddings(t)
  const { control, candidate } = await settle(await aSettling(t, server.url, { compare: embeddings() }))

  close(control.scores['embedding_cosine'], 0.8)
  close(candidate.scores['embedding_cosine'], 0)
  close(control.measured!.divergence, 0.1)
  close(candidate.measured!.divergence, 0.5)
  close(candidate.control!.divergence, 0.1)
  deepEqual([control.measured!.quality, candidate.measured!.quality], [1, 1])
})

test('the texts of a batch go out together, each once', async (t) => {
  const server = await pretendEmbeddings(t)
  const settling = await aSettling(t, server.url, { compare: embeddings() })
  await Promise.all(Array.from({ length: 8 }, () => settle(settling)))
  await settle(settling)

  equal(server.asked.length, 1)
  const body = JSON.parse(server.asked[0]!.text) as AskedForVectors
  deepEqual([body.model, body.encoding_format], ['space-1', 'float'])
  deepEqual(body.input.toSorted(), [badText, goodText, servedText].toSorted())
  equal(server.asked[0]!.path, '/v1/embeddings')
})

test('answers that are the same need no vectors', async (t) => {
  const server = await pretendEmbeddings(t)
  const settling = await aSettling(t, server.url, { compare: embeddings() })
  const { candidate } = await settle(settling, textSet({ control: servedText, candidate: servedText }))

  equal(server.asked.length, 0)
  deepEqual([candidate.scores['embedding_cosine'], candidate.measured!.divergence], [1, 0])
})

const failures: Record<string, (response: ServerResponse, nth: number) => boolean> = {
  refuses: (response) => (sendJson(response, 400, chatError('bad_request')), true),
  'answers what are no vectors': (response) => (sendJson(response, 200, { data: [{ index: 0, embedding: [] }] }), true),
  'answers what is not JSON': (response) => (response.end('hello'), true),
  redirects: (response) => (response.writeHead(302, { location: '/elsewhere' }).end(), true),
}
for (const [what, failure] of Object.entries(failures)) {
  test(`a server that ${what} leaves the comparisons as they were`, async (t) => {
    const server = await pretendEmbeddings(t, failure)
    const set = textSet()
    const settling = await aSettling(t, server.url, { compare: embeddings() })
    const comparisons = compareSet(set, new Date())

    deepEqual(await settling.settle(set, comparisons, new AbortController().signal), comparisons)
  })
}

test('an overloaded server is asked again, and vectors that failed once are asked for when they are needed again', async (t) => {
  const server = await pretendEmbeddings(t, (response, nth) => {
    if (nth === 0) sendJson(response, 429, chatError('rate_limit_exceeded'), { 'retry-after-ms': '20' })
    return nth === 0
  })
  const { candidate } = await settle(await aSettling(t, server.url, { compare: embeddings() }))
  close(candidate.measured!.divergence, 0.5)

  const flaky = await pretendEmbeddings(t, (response, nth) => {
    if (nth === 0) sendJson(response, 400, chatError('bad_request'))
    return nth === 0
  })
  const settling = await aSettling(t, flaky.url, { compare: embeddings() })
  equal((await settle(settling)).candidate.scores['embedding_cosine'], undefined)
  close((await settle(settling)).candidate.scores['embedding_cosine'], 0)
})

test('a provider that may not see the route is not shown it', async (t) => {
  const server = await pretendEmbeddings(t)
  const settling = await aSettling(t, server.url, { compare: embeddings(), provider: { routes: ['default'] } })
  await settle(settling)

  equal(server.asked.length, 0)
})

test('a text has the direction of itself, the opposite of its opposite, and none where it is nothing', () => {
  const vector = fc
    .array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 })
    .map((values) => Float32Array.from(values))
  fc.assert(
    fc.property(vector, (v) => {
      const own = cosine(v, v)
      if (own === null) return
      close(own, 1)
      close(
        cosine(
          v,
          v.map((x) => -x),
        )!,
        -1,
      )
    }),
  )
  equal(cosine(Float32Array.of(0, 0), Float32Array.of(1, 0)), null)
  equal(cosine(Float32Array.of(1), Float32Array.of(1, 0)), null)
})
