import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type Lookup } from '../../../shared/providers/address-guard.ts'
import { openVectors } from '../../../shared/providers/vectors.ts'
import { askedTimes, pretendProvider, sendJson } from '../../services/replay/pretend-provider.ts'

const access = (baseUrl: string) => ({ dialect: 'openai', baseUrl, apiKey: 'sk-a' }) as const
const running = new AbortController().signal

test('vectors come in the order of the texts, whatever the order of the answer', async (t) => {
  const server = await pretendProvider(t, (response) =>
    sendJson(response, 200, {
      data: [
        { index: 1, embedding: [0, 1] },
        { index: 0, embedding: [1, 0] },
      ],
    }),
  )
  const client = openVectors(access(`${server.url}/v1`), { model: 'space-1', timeoutMs: 2_000 })
  t.after(() => client.close())

  const answer = await client.embed(['a', 'b'], running)
  ok(answer.ok)
  deepEqual(
    answer.vectors.map((vector) => [...vector]),
    [
      [1, 0],
      [0, 1],
    ],
  )
  equal(server.asked[0]!.headers.authorization, 'Bearer sk-a')
})

const malformed: Record<string, unknown> = {
  'one too few': { data: [{ index: 0, embedding: [1] }] },
  'an index far away': {
    data: [
      { index: 0, embedding: [1] },
      { index: 4_000_000_000, embedding: [1] },
    ],
  },
  'no list': { object: 'list' },
  'what is no number': {
    data: [
      { index: 0, embedding: ['x'] },
      { index: 1, embedding: [null] },
    ],
  },
}
for (const [what, body] of Object.entries(malformed)) {
  test(`${what} is no answer`, async (t) => {
    const server = await pretendProvider(t, (response) => sendJson(response, 200, body))
    const client = openVectors(access(`${server.url}/v1`), { model: 'space-1', timeoutMs: 2_000 })
    t.after(() => client.close())

    deepEqual(await client.embed(['a', 'b'], running), { ok: false, reason: 'malformed_answer' })
  })
}

test('a public name that leads to a private address is not connected to', async (t) => {
  const server = await pretendProvider(t, (response) => sendJson(response, 200, {}))
  const { port } = new URL(server.url)
  const resolve: Lookup = (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])
  const refused: string[] = []
  const client = openVectors(access(`http://vectors.example.com:${port}/v1`), {
    model: 'space-1',
    timeoutMs: 5_000,
    resolve,
    onRefused: (hostname, address) => void refused.push(`${hostname} ${address}`),
  })
  t.after(() => client.close())

  deepEqual(await client.embed(['a'], running), { ok: false, reason: 'connection' })
  equal(refused[0], 'vectors.example.com 127.0.0.1')
  equal(server.asked.length, 0)
})

test('silence ends at the timeout, and a call is broken off when it must be', async (t) => {
  const server = await pretendProvider(t, () => {})
  const client = openVectors(access(`${server.url}/v1`), { model: 'space-1', timeoutMs: 50 })
  t.after(() => client.close())
  deepEqual(await client.embed(['a'], running), { ok: false, reason: 'timeout' })

  const stop = new AbortController()
  const patient = openVectors(access(`${server.url}/v1`), { model: 'space-1', timeoutMs: 60_000 })
  t.after(() => patient.close())
  const seen = server.asked.length
  const pending = rejects(patient.embed(['a'], stop.signal))
  await askedTimes(server, seen + 1)
  stop.abort()
  await pending
})
