import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { type Observation, ObservationSet } from '../../../shared/contracts/observation.ts'
import { decodeMessage, encodeMessage } from '../../../shared/log/messages.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { anExchange } from './builders.ts'
import { concurrency } from './crash/settings.ts'
import { chatCompletion, pretendProvider, sendJson } from './pretend-provider.ts'

/** More with UNDERSTUDY_KILLS. */
const kills = Number(process.env['UNDERSTUDY_KILLS'] ?? 30)
const exchangesPerKill = 12
const arms = ['control', 'mini']
/** What a call costs by the prices of the worker: four tokens out. */
const callUsd = 4

test(`a worker killed ${kills} times loses no observation, counts none twice and pays again only for what was in hand`, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-crash-'))
  const file = join(folder, 'log.db')
  const log = await openTopicLog({ embedded: file }, { logger: silentLogger, clientId: 'test' })
  await log.prepare()
  const provider = await pretendProvider(context, async (response) => {
    await sleep(5 + Math.random() * 20)
    sendJson(response, 200, chatCompletion('Blue.'))
  })
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
  const workers = new Set<ChildProcess>()
  context.after(async () => {
    for (const worker of workers) worker.kill('SIGKILL')
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const startWorker = async (): Promise<ChildProcess> => {
    const worker = fork(new URL('crash/process.ts', import.meta.url), [file, provider.url])
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
    await once(worker, 'message')
    return worker
  }
  const published: string[] = []
  const publish = async (): Promise<void> => {
    const exchanges = Array.from({ length: exchangesPerKill }, (_, nth) =>
      anExchange(undefined, { conversationId: `conversation-${nth}` }),
    )
    published.push(...exchanges.map(({ exchangeId }) => exchangeId))
    const records = exchanges.map((each) => ({ key: each.conversationId, value: encodeMessage(Exchange, each) }))
    await log.publish('exchanges', records)
  }

  // Two at a time: each finds what the other left, too.
  const rounds = Array.from({ length: kills }).values()
  const killInTurn = async (): Promise<void> => {
    for (const _ of rounds) {
      await publish()
      const worker = await startWorker()
      await sleep(Math.random() * 200)
      worker.kill('SIGKILL')
      await once(worker, 'exit')
    }
  }
  await Promise.all([killInTurn(), killInTurn()])
  await startWorker()
  while (observations.size < published.length * arms.length || (await log.lag('replay', 'exchanges')) > 0)
    await sleep(50)

  const counted = [...observations.values()].map(({ exchangeId, arm }) => `${exchangeId}/${arm}`)
  assert.deepEqual(counted.toSorted(), published.flatMap((id) => arms.map((arm) => `${id}/${arm}`)).toSorted())
  assert.ok([...observations.values()].every(({ outcome }) => outcome === 'answered'))

  const needed = published.length * arms.length
  const inHand = kills * concurrency * arms.length
  const extra = provider.asked.length - needed
  context.diagnostic(`${needed} calls were needed, ${extra} were made again after ${kills} kills; at most ${inHand}`)
  assert.ok(extra <= inHand, `${extra} extra calls, at most ${inHand} were in hand`)

  const ofCandidate = provider.asked.filter(({ body }) => body.model === 'gpt-4o-mini').length
  const books = openLocalState({ file: stateFileOf(file) })
  context.after(() => books.close())
  const spentUsd = books.spentUsd('mini')
  assert.ok(spentUsd >= ofCandidate * callUsd, `${spentUsd} in the books for ${ofCandidate} calls`)
  assert.ok(spentUsd <= (ofCandidate + kills * concurrency) * callUsd, `${spentUsd} for ${ofCandidate} calls`)
})
