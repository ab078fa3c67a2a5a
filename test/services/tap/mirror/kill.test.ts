import { deepEqual, equal, ok } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { readJournal } from '../../../../services/tap/spool/journal.ts'
import { readWaiting } from '../../../../services/tap/spool/waiting.ts'
import { LedgerEntry } from '../../../../shared/contracts/ledger.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { type Topic } from '../../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { chatAnswer, chatRequest, send, startUpstream, until } from '../tap-kit.ts'

const program = new URL('../../../../services/cli/main.ts', import.meta.url)

/** The real program, as a process of its own. */
async function startProcess(context: TestContext, folder: string, config: object) {
  const file = join(folder, 'understudy.yaml')
  writeFileSync(file, stringify(config))
  const child = fork(program, ['tap', '--config', file, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  context.after(() => child.kill('SIGKILL'))
  const [{ urls }] = (await once(child, 'message')) as [{ urls: { tap: string } }]
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal)
    await once(child, 'exit')
  }
  return { url: urls.tap, end }
}

async function recordsOf(context: TestContext, log: { embedded: string }, topic: Topic) {
  const topicLog = await openTopicLog(log, { logger: silentLogger, clientId: 'test' })
  const records: unknown[] = []
  const consumer = await topicLog.consume({
    topics: [topic],
    group: 'test',
    maxBatch: 1_000,
    handle: async (batch) => void records.push(...batch.map(({ value }) => JSON.parse(value.toString()))),
    onFatal: () => {},
  })
  const end = async () => {
    await consumer.stop()
    await topicLog.close()
  }
  let ended: Promise<void> | null = null
  const stop = () => (ended ??= end())
  // Left open by a test that failed, it would keep the process from ending.
  context.after(stop)
  return { records, stop }
}

function foldersIn(spool: string): string[] {
  return existsSync(spool) ? readdirSync(spool) : []
}

/** What the journals of the other folders tell. */
function recordsIn(spool: string, others: ReadonlySet<string>): number {
  const states = foldersIn(spool)
    .filter((name) => !others.has(name))
    .flatMap((name) => readJournal(join(spool, name))?.segments ?? [])
  return states.flatMap(({ written }) => Object.values(written)).reduce((sum, times) => sum + times, 0)
}

/** Starts the upstream that a config of this run names. */
async function answering(context: TestContext): Promise<(log: object) => object> {
  const baseUrl = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(chatAnswer))
  })
  return (log) => ({
    tap: { listen: '127.0.0.1:0', ops: false, upstreams: { openai: { dialect: 'openai', baseUrl } } },
    log,
    providers: { openai: { dialect: 'openai', baseUrl } },
    control: false,
    candidates: [{ name: 'other', provider: 'openai', model: 'other' }],
  })
}

async function ask(url: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    equal((await send(url, { path: '/openai/v1/chat/completions', body: chatRequest })).status, 200)
  }
}

/** An entry that was delivered twice counts once. */
function countsOf(records: unknown[]) {
  const entries = new Map(records.map((entry) => LedgerEntry.parse(entry)).map((entry) => [entry.entryId, entry]))
  const of = (wanted: string) =>
    [...entries.values()].reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
  return { served: of('served'), published: of('published'), dropped: of('dropped') }
}

function idsOf(records: unknown[]): number {
  return new Set(records.map((exchange) => (exchange as { exchangeId: string }).exchangeId)).size
}

test('a tap killed while the log is down loses at most its last moment, and the next one publishes the rest', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const configOf = await answering(context)
  // A broker that takes connections and never answers.
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  context.after(() => silent.close())
  const { port } = silent.address() as { port: number }

  const spool = join(folder, 'data/spool')
  let safe = 0
  let unsafe = 0
  for (let round = 0; round < 2; round += 1) {
    const before = new Set(foldersIn(spool))
    const tap = await startProcess(context, folder, configOf({ kafka: { brokers: [`127.0.0.1:${port}`] } }))
    await ask(tap.url, 20)
    safe += 20
    await until(() => recordsIn(spool, before) === 20, 30_000)
    await ask(tap.url, 5)
    unsafe += 5
    await tap.end('SIGKILL')
  }
  const log = { embedded: join(folder, 'log.db') }
  const tap = await startProcess(context, folder, configOf(log))
  const exchanges = await recordsOf(context, log, 'exchanges')
  await until(() => exchanges.records.length >= safe, 30_000)
  await tap.end('SIGTERM')
  const ledger = await recordsOf(context, log, 'ledger')
  const counts = () => countsOf(ledger.records)
  const ids = () => idsOf(exchanges.records)
  await until(() => counts().published >= safe && counts().published === ids(), 30_000)
  await until(() => counts().served === counts().published + counts().dropped, 30_000)

  ok(ids() <= safe + unsafe)
  deepEqual(readdirSync(spool), [])
  await exchanges.stop()
  await ledger.stop()
})

test('of two taps with one spool the one that lives publishes what the killed one left, and nothing counts twice', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const spool = join(folder, 'data/spool')
  // As long as this is a file the log cannot be opened.
  const place = join(folder, 'log')
  writeFileSync(place, '')
  const log = { embedded: join(place, 'log.db') }
  const config = (await answering(context))(log)
  const killed = await startProcess(context, folder, config)
  const living = await startProcess(context, folder, config)

  await Promise.all([ask(killed.url, 20), ask(living.url, 10)])
  await until(() => recordsIn(spool, new Set()) === 30, 30_000)
  await ask(killed.url, 5)
  await killed.end('SIGKILL')
  await ask(living.url, 10)
  rmSync(place)
  const exchanges = await recordsOf(context, log, 'exchanges')
  await until(() => idsOf(exchanges.records) >= 40, 60_000)
  await ask(living.url, 3)
  await living.end('SIGTERM')

  const ledger = await recordsOf(context, log, 'ledger')
  const counts = () => countsOf(ledger.records)
  await until(() => counts().published >= 43 && counts().served === counts().published + counts().dropped, 30_000)
  deepEqual(readdirSync(spool), [])
  await exchanges.stop()
  await ledger.stop()
  equal(counts().published, idsOf(exchanges.records))
  ok(counts().served <= 48)
})

test('what waits for a mirror that does not get its turn is counted when the tap is killed', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = { embedded: join(folder, 'log.db') }
  const config = (await answering(context))(log) as { tap: object }
  // A pattern that never ends on the text below.
  const redact = { builtin: false, patterns: [{ name: 'slow', regex: '(x+)+y' }] }
  const killed = await startProcess(context, folder, { ...config, tap: { ...config.tap, redact } })
  await ask(killed.url, 5)
  const spool = join(folder, 'data/spool')
  const home = () => join(spool, foldersIn(spool)[0] ?? '')
  await until(() => readJournal(home())?.copies === 5, 30_000)
  const body = chatRequest.replace('hello', 'x'.repeat(64))
  for (let i = 0; i < 12; i += 1) await send(killed.url, { path: '/openai/v1/chat/completions', body })
  const waiting = () => Object.values(readWaiting(home(), 5)).reduce((sum, times) => sum + times, 0)
  await until(() => waiting() === 12, 30_000)
  await killed.end('SIGKILL')

  const next = await startProcess(context, folder, config)
  await ask(next.url, 3)
  await next.end('SIGTERM')
  const ledger = await recordsOf(context, log, 'ledger')
  await until(() => countsOf(ledger.records).served === 20, 30_000)
  await ledger.stop()
  deepEqual(countsOf(ledger.records), { served: 20, published: 8, dropped: 12 })
  deepEqual(readdirSync(spool), [])
})
