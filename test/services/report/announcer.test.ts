import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { startAnnouncer } from '../../../services/report/announcer.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { traffic, verdictOn } from '../../support/pair-rows.ts'
import { until } from '../../support/understudy.ts'

const noGo = verdictOn(traffic(2_000, { quality: 0.88 }))
const open = verdictOn(traffic(150))

type Received = { method: string | undefined; type: string | undefined; body: unknown }

/** An address like Slack's, that answers as `statuses` say and then always 200. */
async function startHook(context: TestContext, statuses: number[] = []) {
  const received: Received[] = []
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    received.push({
      method: request.method,
      type: request.headers['content-type'],
      body: JSON.parse(body) as unknown,
    })
    response.writeHead(statuses.shift() ?? 200).end('ok')
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close().closeAllConnections())
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/x` }
}

function announce(context: TestContext, url: string, looks: Verdict[][]) {
  let looked = 0
  const announcer = startAnnouncer({
    url,
    logger,
    intervalMs: 1,
    retryMs: [1, 1],
    load: () => Promise.resolve(looks[Math.min(looked++, looks.length - 1)]!),
  })
  context.after(() => announcer.stop())
  return { looked: () => looked, stop: () => announcer.stop() }
}

test('a verdict that changes is posted once, as Slack takes it; the first look and an unchanged verdict are not', async (context) => {
  const hook = await startHook(context)
  const announcer = announce(context, hook.url, [[open], [open], [noGo], [noGo]])
  await until('it has looked some times', 10_000, () => Promise.resolve(announcer.looked() > 10))
  await until('it has posted', 10_000, () => Promise.resolve(hook.received.length > 0))

  deepEqual(hook.received, [
    {
      method: 'POST',
      type: 'application/json',
      body: { text: `subtle: INCONCLUSIVE → NO-GO\n${noGo.sentence}` },
    },
  ])
})

test('a post that fails is tried again, and changes are told in their order', async (context) => {
  const hook = await startHook(context, [500, 429])
  announce(context, hook.url, [[open], [noGo], [open]])
  await until('both have arrived', 10_000, () => Promise.resolve(hook.received.length === 4))

  const titles = hook.received.map(({ body }) => (body as { text: string }).text.split('\n')[0])
  deepEqual(titles, [...Array<string>(3).fill('subtle: INCONCLUSIVE → NO-GO'), 'subtle: NO-GO → INCONCLUSIVE'])
})

test('an address that never answers holds up neither the looks nor the end', async (context) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  context.after(() => silent.close().closeAllConnections())
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const announcer = announce(context, url, [[open], [noGo], [open], [noGo]])

  await until('it has looked many times', 10_000, () => Promise.resolve(announcer.looked() > 20))
  await announcer.stop()
})

test('names from the traffic call nobody and link nowhere', async (context) => {
  const hook = await startHook(context)
  announce(context, hook.url, [[open], [{ ...noGo, sentence: 'NO-GO <!channel> <http://canary.example|x> & more' }]])
  await until('it has posted', 10_000, () => Promise.resolve(hook.received.length === 1))

  const said = (hook.received[0]!.body as { text: string }).text
  ok(said.endsWith('NO-GO &lt;!channel&gt; &lt;http://canary.example|x&gt; &amp; more'))
})

test('a store that fails for a while is asked again', async (context) => {
  const hook = await startHook(context)
  let looked = 0
  const announcer = startAnnouncer({
    url: hook.url,
    logger,
    intervalMs: 1,
    load: () => {
      looked += 1
      if (looked === 2) return Promise.reject(new Error('down'))
      return Promise.resolve([looked < 3 ? open : noGo])
    },
  })
  context.after(() => announcer.stop())
  await until('it has posted', 10_000, () => Promise.resolve(hook.received.length === 1))

  equal(hook.received.length, 1)
})
