import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTap, type RunningTap } from '../../../../services/tap/main.ts'
import { type MirrorLimits } from '../../../../services/tap/mirror/mirror.ts'
import { createWorkerMirror, type WorkerMirrorOptions } from '../../../../services/tap/mirror/worker-mirror.ts'
import { readJournal } from '../../../../services/tap/spool/journal.ts'
import { type EncryptionConfig } from '../../../../shared/config/schema.ts'
import { type Exchange } from '../../../../shared/contracts/exchange.ts'
import { type LedgerEntry } from '../../../../shared/contracts/ledger.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { freePorts } from '../../../support/understudy.ts'
import { chatEvents, chatRequest, send, startUpstream, testConfig, until } from '../tap-kit.ts'

const chat = '/openai/v1/chat/completions'
const events = chatEvents(['some', 'words'])

type Start = {
  tap?: Record<string, unknown>
  worker?: Partial<WorkerMirrorOptions>
  limits?: Partial<MirrorLimits>
  /** A file is in its place. */
  logFolder?: string
  encryption?: EncryptionConfig
  log?: object
}

async function start(
  context: TestContext,
  { tap = {}, worker = {}, limits = {}, logFolder = '.', encryption, ...rest }: Start = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-mirror-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const spool = join(folder, 'spool')
  if (logFolder !== '.') writeFileSync(join(folder, logFolder), 'in the way')
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', async () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of events) {
        response.write(event)
        if (request.url?.includes('slowly')) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      response.end()
    })
  })
  const log = { embedded: join(folder, logFolder, 'log.db') }
  const config = testConfig(upstream, { log, tap: { spool: { folder: spool }, ...tap }, ...rest })
  const mirror = createWorkerMirror({
    config: { ...config, log: { ...config.log, encryption } },
    logger: silentLogger,
    limits: { saveIntervalMs: 20, ...limits },
    ...worker,
  })
  const running = await startTap({ config, mirror, logger: silentLogger, limits: { drainTimeoutMs: 2_000 } })
  context.after(() => running.stop())
  return { running, log, folder, spool }
}

async function recordsOf<T>(log: { embedded: string }, topic: 'exchanges' | 'ledger', count: number): Promise<T[]> {
  const topicLog = await openTopicLog(log, { logger: silentLogger, clientId: 'test' })
  const records: T[] = []
  const consumer = await topicLog.consume({
    topics: [topic],
    group: 'test',
    maxBatch: 100,
    handle: async (batch) => void records.push(...batch.map(({ value }) => JSON.parse(value.toString()) as T)),
    onFatal: () => {},
  })
  await until(() => records.length >= count, 30_000)
  await consumer.stop()
  await topicLog.close()
  return records
}

function filesWith(folder: string, text: string): string[] {
  const files = (readdirSync(folder, { recursive: true }) as string[]).map((name) => join(folder, name))
  return files.filter((file) => statSync(file).isFile() && readFileSync(file).includes(text))
}

function balance(tap: RunningTap): number {
  const { served, sampled_out, opted_out, unsupported, dropped, published, pending } = tap.totals()
  return served - sampled_out - opted_out - unsupported - dropped - published - pending
}

for (const isSealed of [false, true]) {
  test(`a spool ${isSealed ? 'with a key holds no text that can be read' : 'without a key holds the texts'}`, async (context) => {
    process.env['MIRROR_TEST_KEY'] = randomBytes(32).toString('base64')
    const encryption = { keys: [{ id: 'k1', fromEnv: 'MIRROR_TEST_KEY' }], active: 'k1' }
    const sealed = isSealed ? { encryption } : {}
    const { running, folder, spool } = await start(context, { logFolder: 'blocked', ...sealed })

    const body = chatRequest.replace('hello', 'MARK-QZX7')
    ok(body.includes('MARK-QZX7'))
    await send(running.url, { path: chat, body })
    await running.stop()

    deepEqual(filesWith(folder, 'MARK-QZX7').length, isSealed ? 0 : 1)
    equal(filesWith(spool, isSealed ? 'enc1:k1:' : '"exchangeId"').length, 1)
  })
}

test('what passed is in the log when the tap has stopped, counted to the last exchange', async (context) => {
  const { running, log } = await start(context)

  await Promise.all(Array.from({ length: 30 }, () => send(running.url, { path: chat, body: chatRequest })))
  equal(balance(running), 0)
  await running.stop()

  const { served, published, pending } = running.totals()
  deepEqual([served, published, pending], [30, 30, 0])
  const exchanges = await recordsOf<Exchange>(log, 'exchanges', 30)
  equal(new Set(exchanges.map(({ exchangeId }) => exchangeId)).size, 30)
  ok(
    exchanges.every(({ served: { body, chunks } }) => body.data === events.join('') && chunks.length === events.length),
  )
  const entries = await recordsOf<LedgerEntry>(log, 'ledger', 2)
  const counted = (wanted: string) =>
    entries.reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
  deepEqual([counted('served'), counted('published')], [30, 30])
})

// A pattern that is quick on ordinary text and takes for ever on this one.
const slow = {
  tap: { redact: { builtin: false, patterns: [{ name: 'slow', regex: '(x+)+y' }] } },
  body: chatRequest.replace('hello', 'x'.repeat(64)),
}

for (const [what, port] of [
  ['that refuses connections', async () => (await freePorts(1))[0]!],
  ['that never answers', silentPort],
] as const) {
  test(`a broker ${what} is not waited for at the end: the spool has everything, and the next run publishes it`, async (context) => {
    const brokers = [`127.0.0.1:${await port(context)}`]
    // Far longer than a test may take.
    const { running, spool } = await start(context, {
      log: { kafka: { brokers } },
      limits: { flushTimeoutMs: 600_000 },
    })
    await Promise.all(Array.from({ length: 5 }, () => send(running.url, { path: chat, body: chatRequest })))
    await send(running.url, { path: '/openai/v1/files', method: 'GET' })
    await running.stop()
    equal(balance(running), 0)

    const next = await start(context, { tap: { spool: { folder: spool } } })
    await until(() => next.running.totals().published === 5, 30_000)
    await next.running.stop()
    const entries = await recordsOf<LedgerEntry>(next.log, 'ledger', 3)
    const counted = (wanted: string) =>
      entries.reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
    deepEqual([counted('served'), counted('published'), counted('unsupported'), counted('dropped')], [6, 5, 1, 0])
    deepEqual([(await recordsOf(next.log, 'exchanges', 5)).length, readdirSync(spool)], [5, []])
  })
}

/** Takes connections and says nothing. */
async function silentPort(context: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return (server.address() as { port: number }).port
}

test('a redaction that never ends delays no answer: its thread is replaced, and what it had is dropped', async (context) => {
  const { running, log } = await start(context, { tap: slow.tap, worker: { stuckAfterMs: 3_000 } })

  await send(running.url, { path: chat, body: slow.body })
  // A stream of its own, from its first to its last byte while the thread is busy.
  const streamed = await send(running.url, { path: `${chat}?slowly`, body: chatRequest })
  equal(streamed.body.toString(), events.join(''))
  deepEqual([running.totals().served, running.totals().pending], [2, 2])

  await until(() => running.totals().dropped === 2, 30_000)
  await send(running.url, { path: chat, body: chatRequest })
  await running.stop()

  deepEqual(running.totals().droppedByReason, { capture_error: 2 })
  equal((await recordsOf<Exchange>(log, 'exchanges', 1)).length, 1)
  equal(balance(running), 0)
})

test('a disk on which nothing ends delays no answer, and the stop only for as long as it waits for anything', async (context) => {
  const { running, spool } = await start(context, { tap: slow.tap, limits: { flushTimeoutMs: 100 } })
  await until(() => existsSync(spool) && readdirSync(spool).some((name) => name.startsWith('tap-')), 30_000)
  const home = readdirSync(spool).find((name) => name.startsWith('tap-'))!
  // A file that nobody reads: whoever opens it to write waits.
  const file = join(spool, home, 'waiting.new')
  execFileSync('mkfifo', [file])
  await send(running.url, { path: chat, body: slow.body })
  await sleep(100)
  const streamed = await send(running.url, { path: `${chat}?slowly`, body: chatRequest })
  equal(streamed.body.toString(), events.join(''))

  await running.stop()
  closeSync(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK))
})

test('a thread that dies costs what it had in hand, counted, and nothing after', async (context) => {
  const entry = new URL('faulty-thread.ts', import.meta.url)
  const { running, log, spool } = await start(context, { worker: { entry } })

  await send(running.url, { path: chat, body: chatRequest })
  await until(() => running.totals().published === 1, 30_000)
  for (let i = 0; i < 3; i += 1) {
    const reply = await send(running.url, { path: `${chat}?deadly`, body: chatRequest })
    equal(reply.body.toString(), events.join(''))
    await until(() => running.totals().dropped === i + 1, 30_000)
    equal(balance(running), 0)
  }
  await send(running.url, { path: chat, body: chatRequest })
  await running.stop()

  const { served, published, dropped, pending } = running.totals()
  deepEqual([served, published, dropped, pending], [5, 2, 3, 0])
  equal((await recordsOf<Exchange>(log, 'exchanges', 2)).length, 2)
  const entries = await recordsOf<LedgerEntry>(log, 'ledger', 4)
  const counted = (wanted: string) =>
    entries.reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
  deepEqual([counted('served'), counted('published'), counted('dropped')], [5, 2, 3])
  equal(new Set(entries.map(({ entryId }) => entryId)).size, entries.length)
  deepEqual(readdirSync(spool), [])
})

test('what had reached the disk survives the thread, and is published when the log can be opened', async (context) => {
  const entry = new URL('faulty-thread.ts', import.meta.url)
  const { running, log, folder, spool } = await start(context, { worker: { entry }, logFolder: 'logs' })
  const isSafe = () =>
    (existsSync(spool) ? readdirSync(spool) : [])
      .flatMap((name) => readJournal(join(spool, name))?.segments ?? [])
      .flatMap(({ written }) => Object.values(written))
      .reduce((sum, times) => sum + times, 0) === 5

  for (let i = 0; i < 5; i += 1) await send(running.url, { path: chat, body: chatRequest })
  await until(isSafe, 30_000)
  await send(running.url, { path: `${chat}?deadly`, body: chatRequest })
  await until(() => running.totals().dropped === 1, 30_000)
  deepEqual([running.totals().served, running.totals().pending], [6, 5])
  rmSync(join(folder, 'logs'))
  await until(() => running.totals().published === 5, 30_000)
  await running.stop()

  deepEqual(running.totals().droppedByReason, { capture_error: 1 })
  equal((await recordsOf<Exchange>(log, 'exchanges', 5)).length, 5)
  equal(balance(running), 0)
  deepEqual(readdirSync(spool), [])
})

test('a pattern that cannot be used stops the start, whatever thread would use it', () => {
  const config = testConfig('http://127.0.0.1:1', { tap: { redact: { patterns: [{ name: 'bad', regex: '(' }] } } })

  throws(() => createWorkerMirror({ config, logger: silentLogger }), { code: 'CONFIG_INVALID' })
})

test('a tap without its log is ready, and says that the log is down and what waits on the disk', async (context) => {
  const { running } = await start(context, {
    tap: { ops: '127.0.0.1:0' },
    logFolder: 'occupied',
    limits: { flushTimeoutMs: 200 },
  })
  const sample = async (name: string): Promise<number> => {
    const text = await (await fetch(`${running.opsUrl}/metrics`)).text()
    return Number(new RegExp(`^understudy_tap_${name} (.*)$`, 'm').exec(text)?.[1])
  }
  const waitFor = async (name: string, value: number): Promise<void> => {
    const deadline = performance.now() + 30_000
    while ((await sample(name)) !== value) {
      ok(performance.now() < deadline, `${name} did not become ${value}`)
      await sleep(50)
    }
  }

  await send(running.url, { path: chat, body: chatRequest })
  await waitFor('mirror_up', 1)
  equal((await fetch(`${running.opsUrl}/readyz`)).status, 200)
  await waitFor('spool_records', 1)
  equal(await sample('log_up'), 0)
  ok((await sample('spool_bytes')) > 0)
})

test('a tap whose mirror cannot come up serves, and is not ready', async (context) => {
  const { running } = await start(context, {
    tap: { ops: '127.0.0.1:0' },
    worker: { entry: new URL('data:text/javascript,process.exit(1)') },
    limits: { flushTimeoutMs: 50 },
  })
  equal((await send(running.url, { path: chat, body: chatRequest })).complete, true)
  equal((await fetch(`${running.opsUrl}/readyz`)).status, 503)
  equal((await fetch(`${running.opsUrl}/healthz`)).status, 200)
})
