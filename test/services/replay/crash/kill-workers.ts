import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext } from 'node:test'
import { type LogConfig } from '../../../../shared/config/schema.ts'
import { Exchange } from '../../../../shared/contracts/exchange.ts'
import { type Observation, ObservationSet } from '../../../../shared/contracts/observation.ts'
import { decodeMessage, encodeMessage } from '../../../../shared/log/messages.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { type TopicLog } from '../../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { anExchange } from '../builders.ts'
import { chatCompletion, pretendProvider, sendJson } from '../pretend-provider.ts'
import { concurrency, type Orders } from './settings.ts'

/** A hundred together; so many times more with UNDERSTUDY_KILLS. */
const times = Number(process.env['UNDERSTUDY_KILLS'] ?? 1)
export const kills = { embedded: 60 * times, kafka: 40 * times }

/** What a call costs by the prices of the worker: four tokens out. */
export const callUsd = 4

const exchangesPerKill = 12
const arms = ['control', 'mini']

/** Makes the topics. */
export async function prepare(config: LogConfig): Promise<void> {
  const log = await openTopicLog(config, { logger: silentLogger, clientId: 'test' })
  await log.prepare()
  await log.close()
}

/** Kills workers at random moments until each has had its turn, and lets a last one finish what they left. */
export async function killWorkers(
  context: TestContext,
  config: LogConfig,
  { kills, workers }: { kills: number; workers: number },
): Promise<{ log: TopicLog; asked: { mini: number } }> {
  const log = await openTopicLog(config, { logger: silentLogger, clientId: 'test' })
  context.after(() => log.close())
  const provider = await pretendProvider(context, async (response) => {
    await sleep(5 + Math.random() * 20)
    sendJson(response, 200, chatCompletion('Blue.'))
  })
  const observations = await collectObservations(log)
  const startWorker = starterOf(context, { log: config, providerUrl: provider.url })
  const published: string[] = []

  const rounds = Array.from({ length: kills }).values()
  let killedAtWork = 0
  const killInTurn = async (): Promise<void> => {
    for (const _ of rounds) {
      const worker = await startWorker()
      const before = provider.asked.length
      published.push(...(await publishExchanges(log)))
      // Once it is at work, but for one in eight: those die at any moment of their start.
      if (Math.random() > 1 / 8) await until(() => provider.asked.length > before, 10_000)
      await sleep(Math.random() * 100)
      if (provider.asked.length > before) killedAtWork++
      worker.kill('SIGKILL')
      await once(worker, 'exit')
    }
  }
  await Promise.all(Array.from({ length: workers }, killInTurn))
  const last = await startWorker()
  while (observations.size < published.length * arms.length || (await log.lag('replay', 'exchanges')) > 0)
    await sleep(50)
  last.kill('SIGKILL')

  const counted = [...observations.values()].map(({ exchangeId, arm }) => `${exchangeId}/${arm}`)
  assert.deepEqual(counted.toSorted(), published.flatMap((id) => arms.map((arm) => `${id}/${arm}`)).toSorted())
  assert.ok([...observations.values()].every(({ outcome }) => outcome === 'answered'))

  const needed = published.length * arms.length
  const inHand = kills * concurrency * arms.length
  const extra = provider.asked.length - needed
  context.diagnostic(
    `${needed} calls were needed, ${extra} were made again after ${kills} kills, ${killedAtWork} of them at work; at most ${inHand}`,
  )
  assert.ok(extra <= inHand, `${extra} extra calls, at most ${inHand} were in hand`)
  return { log, asked: { mini: provider.asked.filter(({ body }) => body.model === 'gpt-4o-mini').length } }
}

async function until(isSo: () => boolean, mostMs: number): Promise<void> {
  const endsAtMs = performance.now() + mostMs
  while (!isSo() && performance.now() < endsAtMs) await sleep(5)
}

/** By their ids, as record stores them. */
async function collectObservations(log: TopicLog): Promise<ReadonlyMap<string, Observation>> {
  const observations = new Map<string, Observation>()
  await log.consume({
    topics: ['observations'],
    group: 'test',
    maxBatch: 100,
    handle: (batch) => {
      for (const { value } of batch) {
        for (const each of decodeMessage(ObservationSet, value).observations) observations.set(each.observationId, each)
      }
      return Promise.resolve()
    },
    onFatal: (err) => assert.fail(err),
  })
  return observations
}

async function publishExchanges(log: TopicLog): Promise<string[]> {
  const exchanges = Array.from({ length: exchangesPerKill }, (_, nth) =>
    anExchange(undefined, { conversationId: `conversation-${nth}` }),
  )
  const records = exchanges.map((each) => ({ key: each.conversationId, value: encodeMessage(Exchange, each) }))
  await log.publish('exchanges', records)
  return exchanges.map(({ exchangeId }) => exchangeId)
}

function starterOf(context: TestContext, orders: Orders): () => Promise<ChildProcess> {
  const cache = aFolder(context)
  const workers = new Set<ChildProcess>()
  context.after(() => {
    for (const worker of workers) worker.kill('SIGKILL')
  })
  return async () => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache }
    const worker = fork(new URL('process.ts', import.meta.url), [JSON.stringify(orders)], { env })
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
    await once(worker, 'message')
    return worker
  }
}

export function aFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-crash-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
