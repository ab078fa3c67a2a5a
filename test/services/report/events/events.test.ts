import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createChanges } from '../../../../services/report/events/changes.ts'
import { startReport } from '../../../../services/report/main.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { Changed, Session } from '../../../../shared/contracts/session.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow } from '../../../support/pair-rows.ts'

process.env['TEST_EVENTS_ANA'] = 'a'.repeat(32)
const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [{ name: 'small', provider: 'openai', model: 'small-1' }],
  report: {
    listen: '127.0.0.1:0',
    access: { tokens: [{ name: 'ana', fromEnv: 'TEST_EVENTS_ANA', role: 'viewer' }] },
  },
})
const small = armsOf(config).find(({ name }) => name === 'small')!
const store = await migratedStore()
const unused = () => Promise.reject(new Error('not looked at here'))
const start = () =>
  startReport({ config, store, logger, intake: { take: unused }, arms: { list: unused, setPaused: unused } })
let report: Awaited<ReturnType<typeof start>>
before(async () => {
  report = await start()
})
after(() => report.stop())

const bearer = { authorization: `Bearer ${'a'.repeat(32)}` }

/** Events as they come; `null`: the stream has ended. */
async function listen(url: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/api/v1/events`, { headers })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let read = ''
  return {
    response,
    close: () => reader.cancel(),
    async next(): Promise<Changed | null> {
      for (;;) {
        const end = read.indexOf('\n\n')
        if (end === -1) {
          const { done, value } = await reader.read()
          if (done) return null
          read += value
          continue
        }
        const block = read.slice(0, end)
        read = read.slice(end + 2)
        const [, data] = /^event: changed\ndata: (.*)$/m.exec(block) ?? []
        if (data !== undefined) return Changed.parse(JSON.parse(data))
      }
    },
  }
}

test('a page is told what is known at once, and again when something has come', async () => {
  const listening = await listen(report.url, bearer)
  equal(listening.response.headers.get('content-type'), 'text/event-stream')
  equal(listening.response.headers.get('cache-control'), 'no-store')
  const first = await listening.next()
  deepEqual([first!.comparisons, first!.verdicts], [0, { small: 'inconclusive' }])

  await store.insert('comparisons', [comparisonRow(aPairRow(1, { armFingerprint: small.fingerprint }), 'small')])
  equal((await listening.next())!.comparisons, 1)
  const second = await listen(report.url, bearer)
  equal((await second.next())!.comparisons, 1)
  await listening.close()
  await second.close()
})

test('nobody listens without being known, and whoever signs out is told nothing more', async () => {
  equal((await fetch(`${report.url}/api/v1/events`)).status, 401)
  const signedIn = await fetch(`${report.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: 'a'.repeat(32) }),
  })
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
  const { csrfToken } = Session.parse(await signedIn.json())
  const listening = await listen(report.url, { cookie })
  ok((await listening.next()) !== null)
  await fetch(`${report.url}/api/v1/session`, { method: 'DELETE', headers: { cookie, 'x-understudy-csrf': csrfToken } })
  equal(await listening.next(), null)
})

test('a server that stops ends its streams and does not wait for who listens', async () => {
  const running = await start()
  const listening = await listen(running.url, bearer)
  await listening.next()
  await running.stop()
  equal(await listening.next().catch(() => null), null)
})

const quick = { intervalMs: 5, logger }
const verdicts = async () => ({ small: 'go' as const })

test('however many listen, one looks, and nobody does where none listens', async () => {
  let looks = 0
  const changes = createChanges({
    ...quick,
    verdicts,
    counts: async () => ({ exchanges: (looks += 1), comparisons: 0 }),
  })
  await sleep(30)
  equal(looks, 0)
  const heard: number[][] = [[], [], []]
  const leaves = heard.map((of) => changes.listen({ changed: ({ exchanges }) => of.push(exchanges), looked: () => {} }))
  while (heard[2]!.length < 5) await sleep(5)
  for (const leave of leaves) leave()
  const last = looks
  ok(heard.every((of) => of.length <= last))
  deepEqual(heard[0], heard[1])
  await sleep(30)
  ok(looks <= last + 1)
  await changes.stop()
})

test('what did not change is not told, a verdict that moved by time alone is, and an outage is lived through', async () => {
  let fails = true
  let verdict: 'go' | 'no_go' = 'go'
  const changes = createChanges({
    ...quick,
    verdictsEveryMs: 20,
    counts: async () => {
      if (fails) throw new Error('away')
      return { exchanges: 1, comparisons: 1 }
    },
    verdicts: async () => ({ small: verdict }),
  })
  const heard: string[] = []
  const looks: number[] = []
  const leave = changes.listen({
    changed: ({ verdicts }) => heard.push(verdicts['small']!),
    looked: () => looks.push(1),
  })
  while (looks.length < 3) await sleep(5)
  deepEqual(heard, [])
  fails = false
  while (looks.length < 15) await sleep(5)
  deepEqual(heard, ['go'])
  verdict = 'no_go'
  while (heard.length < 2) await sleep(5)
  deepEqual(heard, ['go', 'no_go'])
  leave()
  await changes.stop()
})

test('no more listen than may, and one that leaves makes room', async () => {
  const changes = createChanges({
    ...quick,
    verdicts,
    mostListeners: 2,
    counts: async () => ({ exchanges: 0, comparisons: 0 }),
  })
  const listener = { changed: () => {}, looked: () => {} }
  const leave = changes.listen(listener)
  changes.listen({ ...listener })
  throws(() => changes.listen({ ...listener }), { code: 'LISTENERS_FULL', retryable: true })
  leave()
  changes.listen({ ...listener })
  await changes.stop()
})
