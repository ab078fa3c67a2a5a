import { deepEqual, equal } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { LedgerEntry } from '../../../shared/contracts/ledger.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { freePorts, until } from '../../support/understudy.ts'
import { chatEvents, chatRequest, send, startUpstream } from './tap-kit.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url)
const chatPath = '/openai/v1/chat/completions'
const streams = 20
const events = chatEvents(['these', 'words', 'come', 'one', 'by', 'one'])

/** The real program, as a process of its own. */
async function startProcess(context: TestContext, folder: string, config: object) {
  const file = join(folder, 'understudy.yaml')
  writeFileSync(file, stringify(config))
  const child = fork(program, ['tap', '--config', file, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  context.after(() => child.kill('SIGKILL'))
  const [{ urls }] = (await once(child, 'message')) as [{ urls: { tap: string } }]
  return { url: urls.tap, child, ended }
}

function isRefused(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(false))
    socket.on('error', (err: NodeJS.ErrnoException) => resolve(err.code === 'ECONNREFUSED'))
  }).finally(() => socket.destroy()) as Promise<boolean>
}

/** All of both topics, as soon as every exchange is there and has an outcome. */
async function publishedIn(log: { embedded: string }) {
  const topicLog = await openTopicLog(log, { logger: silentLogger, clientId: 'test' })
  const exchanges: Exchange[] = []
  const ledger: LedgerEntry[] = []
  const consumer = await topicLog.consume({
    topics: ['exchanges', 'ledger'],
    group: 'test',
    maxBatch: 100,
    handle: async (batch) => {
      for (const { topic, value } of batch) {
        if (topic === 'ledger') ledger.push(LedgerEntry.parse(JSON.parse(value.toString())))
        else exchanges.push(Exchange.parse(JSON.parse(value.toString())))
      }
    },
    onFatal: () => {},
  })
  const countOf = (outcome: string) =>
    ledger.filter((entry) => entry.outcome === outcome).reduce((sum, { count }) => sum + count, 0)
  await until('all is read', 30_000, async () => exchanges.length >= streams && countOf('published') >= streams)
  await consumer.stop()
  await topicLog.close()
  return { exchanges, countOf, outcomes: [...new Set(ledger.map(({ outcome }) => outcome))].toSorted() }
}

for (const processes of [1, 2]) {
  test(`SIGTERM lets twenty slow streams of ${processes} processes end whole, publishes all and exits with 0`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-drain-'))
    context.after(() => rmSync(folder, { recursive: true, force: true }))
    const signalled = Promise.withResolvers<void>()
    let begun = 0
    const baseUrl = await startUpstream(context, (request, response) => {
      request.resume().on('end', async () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(events[0])
        begun += 1
        await signalled.promise
        for (const event of events.slice(1)) {
          await sleep(50)
          response.write(event)
        }
        response.end()
      })
    })
    const [opsPort] = await freePorts(1)
    const opsUrl = `http://127.0.0.1:${opsPort}`
    const log = { embedded: join(folder, 'log.db') }
    const tap = await startProcess(context, folder, {
      tap: {
        listen: '127.0.0.1:0',
        processes,
        ops: `127.0.0.1:${opsPort}`,
        upstreams: { openai: { dialect: 'openai', baseUrl } },
        spool: { folder: join(folder, 'spool') },
      },
      log,
      providers: { openai: { dialect: 'openai', baseUrl } },
      control: false,
      candidates: [{ name: 'other', provider: 'openai', model: 'other' }],
    })
    const statusOf = async (page: string) => (await fetch(`${opsUrl}/${page}`)).status
    await until('the tap is ready', 30_000, async () => (await statusOf('readyz')) === 200)

    const asked = Array.from({ length: streams }, () => send(tap.url, { path: chatPath, body: chatRequest }))
    await until('all streams have begun', 30_000, async () => begun === streams)
    tap.child.kill('SIGTERM')
    await until('the tap is not ready', 30_000, async () => (await statusOf('readyz')) === 503)
    equal(await statusOf('healthz'), 200)
    await until('nobody is let in any more', 30_000, () => isRefused(tap.url))
    signalled.resolve()

    for (const { status, complete, body } of await Promise.all(asked)) {
      deepEqual([status, complete, body.toString()], [200, true, events.join('')])
    }
    deepEqual(await tap.ended, [0, null])
    const { exchanges, countOf, outcomes } = await publishedIn(log)
    deepEqual(outcomes, ['published', 'served'])
    deepEqual([countOf('served'), countOf('published')], [streams, streams])
    equal(new Set(exchanges.map(({ exchangeId }) => exchangeId)).size, streams)
    for (const { served } of exchanges) deepEqual([served.end, served.chunks.length], ['complete', events.length])
  })
}
