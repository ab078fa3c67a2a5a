import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import OpenAI from 'openai'
import { startTapCluster } from '../../../../services/tap/cluster/cluster.ts'
import { LedgerEntry } from '../../../../shared/contracts/ledger.ts'
import { Exchange } from '../../../../shared/contracts/exchange.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { freeze } from '../../../support/freeze.ts'
import { freePorts, until } from '../../../support/understudy.ts'
import { chatAnswer, chatRequest, send, startUpstream, testConfig } from '../tap-kit.ts'

const chatPath = '/openai/v1/chat/completions'
const waitMs = 60_000

/** Two processes by default, their folders, and an ops port. */
async function startCluster(context: TestContext, baseUrl: string, tap: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-cluster-'))
  const log = { embedded: join(folder, 'log.db') }
  const spool = { folder: join(folder, 'spool') }
  const config = testConfig(baseUrl, { tap: { ops: '127.0.0.1:0', processes: 2, spool, ...tap }, log })
  const running = await startTapCluster({ config, logger: silentLogger, limits: { drainTimeoutMs: 5_000 } })
  context.after(async () => {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await until('all processes serve', waitMs, async () => (await readinessOf(running.opsUrl!)).serving === 2)
  return { ...running, log, spoolFolder: spool.folder }
}

async function readinessOf(opsUrl: string) {
  const response = await fetch(`${opsUrl}/readyz`)
  return { status: response.status, ...((await response.json()) as { serving: number; processes: number }) }
}

async function sampleOf(opsUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  )
}

function answering(context: TestContext): Promise<string> {
  return startUpstream(context, (request, response) => {
    request.resume()
    request.on('end', () => response.setHeader('content-type', 'application/json').end(chatAnswer))
  })
}

const workers = () => Object.values(cluster.workers ?? {}).map((worker) => worker!.process)

/** Every record of both topics, as soon as `count` exchanges are counted as served. */
async function publishedIn(log: { embedded: string }, count: number) {
  const topicLog = await openTopicLog(log, { logger: silentLogger, clientId: 'test' })
  const exchangeIds = new Set<string>()
  const entries = new Map<string, LedgerEntry>()
  const consumer = await topicLog.consume({
    topics: ['exchanges', 'ledger'],
    group: 'test',
    maxBatch: 100,
    handle: async (batch) => {
      for (const { topic, value } of batch) {
        const json: unknown = JSON.parse(value.toString())
        if (topic === 'exchanges') exchangeIds.add(Exchange.parse(json).exchangeId)
        else entries.set(LedgerEntry.parse(json).entryId, LedgerEntry.parse(json))
      }
    },
    onFatal: () => {},
  })
  const countOf = (outcome: string) =>
    [...entries.values()].filter((entry) => entry.outcome === outcome).reduce((sum, entry) => sum + entry.count, 0)
  await until('all is read', waitMs, async () => countOf('served') >= count && exchangeIds.size >= countOf('published'))
  await consumer.stop()
  await topicLog.close()
  return { exchanges: exchangeIds.size, countOf }
}

test('two processes serve one address with the SDK, each with a folder of its own, and are told of as one', async (t) => {
  const tap = await startCluster(t, await answering(t))
  equal(workers().length, 2)
  equal(readdirSync(tap.spoolFolder).filter((name) => name.startsWith('tap-')).length, 2)
  const client = new OpenAI({ baseURL: `${tap.url}/openai/v1`, apiKey: 'sk-test', maxRetries: 0 })
  const asked = Array.from({ length: 20 }, () =>
    client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
  )
  for (const { choices } of await Promise.all(asked)) equal(choices[0]?.message.content, 'Hello there')

  const exchanges = (outcome: string) => sampleOf(tap.opsUrl!, `understudy_tap_exchanges_total{outcome="${outcome}"}`)
  await until('all is published', waitMs, async () => (await exchanges('published')) === 20)
  equal(await exchanges('served'), 20)
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_pending'), 0)
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_added_seconds_count'), 20)
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_processes'), 2)
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_mirror_up'), 1)
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_log_up'), 1)
  equal((await fetch(`${tap.opsUrl}/healthz`)).status, 200)
  deepEqual(await readinessOf(tap.opsUrl!), { status: 200, ready: true, serving: 2, processes: 2 })
})

test('a process that is killed is replaced while the other serves; no counter falls, and the ledger balances', async (t) => {
  const tap = await startCluster(t, await answering(t))
  const ask = () => send(tap.url, { path: chatPath, body: chatRequest }).catch(() => null)
  const served = () => sampleOf(tap.opsUrl!, 'understudy_tap_exchanges_total{outcome="served"}')
  const added = () => sampleOf(tap.opsUrl!, 'understudy_tap_added_seconds_count')
  await Promise.all(Array.from({ length: 30 }, ask))
  await until('all is counted', waitMs, async () => (await served()) === 30)
  equal(await added(), 30)

  const [first] = workers()
  const killed = once(first!, 'exit')
  const during = Array.from({ length: 30 }, ask)
  first!.kill('SIGKILL')
  await killed
  deepEqual(await readinessOf(tap.opsUrl!), { status: 200, ready: true, serving: 1, processes: 2 })
  await Promise.all(during)
  ok((await served()) >= 30)
  ok((await added()) >= 30)
  for (let count = 0; count < 10; count++) equal((await ask())?.status, 200)

  await until('it is replaced', waitMs, async () => (await readinessOf(tap.opsUrl!)).serving === 2)
  ok(!workers().includes(first!))
  equal(await sampleOf(tap.opsUrl!, 'understudy_tap_process_restarts_total'), 1)
  await Promise.all(Array.from({ length: 30 }, ask))
  await tap.stop()

  const { served: all, droppedByReason, ...outcomes } = tap.totals()
  equal(
    all,
    Object.values(outcomes).reduce((sum, each) => sum + each, 0),
  )
  equal(outcomes.pending, 0)
  deepEqual(readdirSync(tap.spoolFolder), [])
  // What the killed process had in its memory since it last made its counts safe is all that may be missing.
  const { exchanges, countOf } = await publishedIn(tap.log, 70)
  equal(
    countOf('served'),
    ['sampled_out', 'opted_out', 'unsupported', 'dropped', 'published'].map(countOf).reduce((sum, each) => sum + each),
  )
  ok(exchanges >= countOf('published'))
  ok(Object.keys(droppedByReason).every((reason) => reason === 'tap_killed'))
})

test('a connection that was given to a process which dies before it takes it is closed, and the process is replaced', async (t) => {
  const tap = await startCluster(t, await answering(t))
  const { hostname, port } = new URL(tap.url)
  const [frozen] = workers()
  await freeze(frozen!)
  const request = `GET /nowhere HTTP/1.1\r\nhost: tap\r\nconnection: close\r\n\r\n`
  const ends = Array.from({ length: 6 }, async () => {
    const socket = connect(Number(port), hostname, () => socket.write(request))
    let answer = ''
    socket.on('data', (bytes) => (answer += bytes.toString()))
    socket.on('error', () => {})
    await new Promise((resolve) => socket.on('close', resolve))
    return answer === '' ? 'closed' : answer.slice(0, 12)
  })
  // The other process answers all but the one that the frozen one was given.
  const answered = new Set<string>()
  for (const end of ends) void end.then((how) => answered.add(how))
  await until('the other process has answered', waitMs, async () => answered.has('HTTP/1.1 404'))
  frozen!.kill('SIGKILL')
  const all = (await Promise.all(ends)).toSorted()
  deepEqual([...new Set(all)], ['HTTP/1.1 404', 'closed'])
  equal(all.filter((how) => how === 'closed').length, 1)
  await until('it is replaced', waitMs, async () => (await readinessOf(tap.opsUrl!)).serving === 2)
})

test('without the process that started it, a process ends the answers under way, and then itself', async (t) => {
  const answers = Promise.withResolvers<void>()
  let asked = 0
  const upstream = await startUpstream(t, (request, response) => {
    request.resume()
    asked += 1
    void answers.promise.then(() => response.setHeader('content-type', 'application/json').end(chatAnswer))
  })
  const tap = await startCluster(t, upstream)
  const [orphan] = workers()
  const replies = Array.from({ length: 4 }, () => send(tap.url, { path: chatPath, body: chatRequest }))
  await until('all are under way', waitMs, async () => asked === 4)
  const ended = once(orphan!, 'exit')
  orphan!.disconnect()
  answers.resolve()
  for (const { status, complete } of await Promise.all(replies)) deepEqual([status, complete], [200, true])
  deepEqual(await ended, [0, null])
})

test('an address that is taken ends the start with one error that names the setting, and leaves nothing behind', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`
  const [free] = await freePorts(1)
  const upstream = await answering(t)
  const starting = (tap: Record<string, unknown>) => startCluster(t, upstream, tap)
  await rejects(starting({ listen: address }), { code: 'PORT_TAKEN', message: /^tap\.listen: .* Stop what listens/ })
  await rejects(starting({ listen: `127.0.0.1:${free}`, ops: address }), { code: 'PORT_TAKEN', message: /^tap\.ops: / })
  equal(workers().length, 0)
  const probe = createServer().listen(free, '127.0.0.1')
  await once(probe, 'listening')
  probe.close()
})

test('a mistake of the config is told by the start, as it is with one process', async (t) => {
  const redact = { patterns: [{ name: 'broken', regex: '(' }] }
  await rejects(startCluster(t, await answering(t), { redact }), (err: Error & { code: string }) => {
    match(err.message, /broken/)
    return err.code === 'CONFIG_INVALID'
  })
  equal(workers().length, 0)
})
