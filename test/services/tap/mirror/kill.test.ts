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

async function recordsOf(log: { embedded: string }, topic: Topic) {
  const topicLog = await openTopicLog(log, { logger: silentLogger, clientId: 'test' })
  const records: unknown[] = []
  const consumer = await topicLog.consume({
    topics: [topic],
    group: 'test',
    maxBatch: 1_000,
    handle: async (batch) => void records.push(...batch.map(({ value }) => JSON.parse(value.toString()))),
    onFatal: () => {},
  })
  const stop = async () => {
    await consumer.stop()
    await topicLog.close()
  }
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

test('a tap killed while the log is down loses at most its last moment, and the next one publishes the rest', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kill-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const baseUrl = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(chatAnswer))
  })
  // A broker that takes connections and never answers.
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  context.after(() => silent.close())
  const { port } = silent.address() as { port: number }
  const configOf = (log: object) => ({
    tap: { listen: '127.0.0.1:0', ops: false, upstreams: { openai: { dialect: 'openai', baseUrl } } },
    log,
    providers: { openai: { dialect: 'openai', baseUrl } },
    control: false,
    candidates: [{ name: 'other', provider: 'openai', model: 'other' }],
  })
  const ask = async (url: string, count: number) => {
    for (let i = 0; i < count; i += 1) {
      equal((await send(url, { path: '/openai/v1/chat/completions', body: chatRequest })).status, 200)
    }
  }

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
  const exchanges = await recordsOf(log, 'exchanges')
  await until(() => exchanges.records.length >= safe, 30_000)
  await tap.end('SIGTERM')
  const ledger = await recordsOf(log, 'ledger')
  const counts = () => {
    const entries = new Map(
      ledger.records.map((entry) => LedgerEntry.parse(entry)).map((entry) => [entry.entryId, entry]),
    )
    const of = (wanted: string) =>
      [...entries.values()].reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
    return { served: of('served'), published: of('published'), dropped: of('dropped') }
  }
  const ids = () => new Set(exchanges.records.map((exchange) => (exchange as { exchangeId: string }).exchangeId)).size
  await until(() => counts().published >= safe && counts().published === ids(), 30_000)
  await until(() => counts().served === counts().published + counts().dropped, 30_000)

  ok(ids() <= safe + unsafe)
  deepEqual(readdirSync(spool), [])
  await exchanges.stop()
  await ledger.stop()
})
