import { existsSync, readdirSync } from 'node:fs'
import { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../../shared/config/load.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { until } from '../../support/understudy.ts'
import { assertBalanced, type KilledTap } from './balance.ts'
import { type Scene, stagesOf, type StageName, type StageProcess, startUp } from './scene.ts'
import { startTraffic } from './traffic.ts'

/** Rounds of all faults. Left out: some of them, once. */
export const rounds = Number(process.env['UNDERSTUDY_KILLS'] ?? 0)

const stageNames = ['tap', 'replay', 'compare', 'record'] as const

type Fault = () => Promise<void>

/** `others`: what else may go wrong with this log. `first`: what is tried where time is short. */
export type Faults = { others?: Record<string, Fault>; first: readonly string[] }

/**
 * Lets traffic through the four stages while each is killed at random moments, the store's owner is restarted, and second workers
 * join their groups and are killed in turn. Then lets the stages finish and holds the store against what the clients saw.
 */
export async function runMatrix(context: TestContext, scene: Scene, { others = {}, first }: Faults): Promise<void> {
  const log = await openLog(context, scene)
  const start = stagesOf(context, scene)
  const running = startAll(start)
  const killedTaps: KilledTap[] = []
  await Promise.all([...running.values()].map(({ ready }) => ready))
  const traffic = startTraffic(scene.tapUrl)

  const endAndStart = async (stage: StageName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    // At work, but for one in eight: those are ended at any moment of their start.
    if (Math.random() > 1 / 8) await running.get(stage)!.ready
    await sleep(Math.random() * 400)
    await running.get(stage)!.end(signal)
    if (stage === 'tap') killedTaps.push({ isUp: running.get('tap')!.isUp(), killedAtMs: performance.now() })
    running.set(stage, start(stage))
  }
  const joinAndDie = async (stage: StageName): Promise<void> => {
    const second = start(stage)
    await second.ready
    await sleep(Math.random() * 1_000)
    await second.end('SIGKILL')
  }
  const faults: Record<string, Fault> = {
    ...Object.fromEntries(stageNames.map((stage) => [`kill ${stage}`, () => endAndStart(stage, 'SIGKILL')])),
    'restart the store': () => endAndStart('record', 'SIGTERM'),
    'a second replay joins and dies': () => joinAndDie('replay'),
    'a second compare joins and dies': () => joinAndDie('compare'),
    ...others,
  }
  const plan =
    rounds === 0 ? shuffled(first) : Array.from({ length: rounds }, () => shuffled(Object.keys(faults))).flat()
  for (const name of plan) {
    await faults[name]!()
    await sleep(Math.random() * 300)
  }
  await running.get('tap')!.ready
  await traffic.goOn()
  await traffic.stop()
  await finish(log, running, start, scene)
  const balance = await assertBalanced(scene.storeFolder, { answered: traffic.answered, killedTaps })
  context.diagnostic(`${plan.length} faults: ${balance}`)
}

/** Kills the real program, `understudy up`, while traffic goes through it: alone, or with all its processes. */
export async function killUp(context: TestContext, scene: Scene): Promise<void> {
  const log = await openLog(context, scene)
  const killedTaps: KilledTap[] = []
  let up = await startUp(scene)
  context.after(() => up.end('SIGKILL', true))
  const traffic = startTraffic(scene.tapUrl)
  const kills = Math.max(1, 3 * rounds)
  for (let kill = 0; kill < kills; kill++) {
    await sleep(Math.random() * 3_000)
    await up.end('SIGKILL', kill % 2 === 1)
    // Whether its tap's mirror was up is not seen from here.
    killedTaps.push({ isUp: false, killedAtMs: performance.now() })
    up = await startUp(scene)
  }
  await traffic.goOn()
  await traffic.stop()
  await up.end('SIGTERM', false)
  const start = stagesOf(context, scene)
  await finish(log, startAll(start), start, scene)
  const balance = await assertBalanced(scene.storeFolder, { answered: traffic.answered, killedTaps })
  context.diagnostic(`${kills} kills of all at once: ${balance}`)
}

async function openLog(context: TestContext, { configFile }: Scene): Promise<TopicLog> {
  const { log: config } = loadConfig(configFile, process.env)
  const log = await openTopicLog(config, { logger: silentLogger, clientId: 'test' })
  context.after(() => log.close())
  await log.prepare()
  return log
}

const startAll = (start: (stage: StageName) => StageProcess) =>
  new Map<StageName, StageProcess>(stageNames.map((stage) => [stage, start(stage)]))

/** The tap gives the log all it has, and each stage reads to the end before it stops. */
async function finish(
  log: TopicLog,
  running: ReadonlyMap<StageName, StageProcess>,
  start: (stage: StageName) => StageProcess,
  { spool }: Scene,
): Promise<void> {
  const isDone = async (group: string, ...topics: Parameters<TopicLog['lag']>[1][]) => {
    const lags = await Promise.all(topics.map((topic) => log.lag(group, topic)))
    return lags.every((lag) => lag === 0)
  }
  await running.get('tap')!.ready
  await running.get('tap')!.end('SIGTERM')
  // What a tap left that was killed is taken over by the next.
  while (existsSync(spool) && readdirSync(spool).length > 0) {
    const tap = start('tap')
    await tap.ready
    await sleep(1_000)
    await tap.end('SIGTERM')
  }
  await until('every exchange is replayed', 300_000, () => isDone('replay', 'exchanges'))
  await until('every observation is compared', 300_000, () => isDone('compare', 'observations'))
  await until('everything is stored', 300_000, () =>
    isDone('record', 'exchanges', 'observations', 'comparisons', 'ledger', 'dead-letters'),
  )
  for (const stage of ['replay', 'compare', 'record'] as const) await running.get(stage)!.end('SIGTERM')
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
