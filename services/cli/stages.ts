import { setTimeout as sleep } from 'node:timers/promises'
import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { openKeyring, requireActiveKey } from '../../shared/encryption/keyring.ts'
import { type ErasureList, openErasureList } from '../../shared/erasure/erasure-list.ts'
import { type ErrorCode, isRetryable, UnderstudyError } from '../../shared/errors.ts'
import { startConsumerOps, watchConsumer, type WatchedLog } from '../../shared/consumer-ops.ts'
import { type Running, untilSignalled } from '../../shared/lifecycle.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { createLogger, type Logger } from '../../shared/logger.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { openStore } from '../../shared/store/open.ts'
import { type Store } from '../../shared/store/store.ts'
import { command, type CommonOptions, configOf, logLevelOption } from './command.ts'

export const stages = ['tap', 'replay', 'compare', 'record', 'report'] as const
export type Stage = (typeof stages)[number]

export type StageOptions = CommonOptions & { logLevel: string }

const descriptions: Record<Stage, string> = {
  tap: 'forward the app’s requests and mirror each exchange to the log',
  replay: 'ask the control and every candidate what the served model was asked',
  compare: 'diff and score each answer against the served one',
  record: 'store exchanges, observations and comparisons in ClickHouse',
  report: 'serve verdicts over HTTP',
}

/** What a process of `up` tells the one that started it. */
export type Ready = { ready: true; urls: Record<string, string> }
export type StageMessage = Ready | { failed: { code: ErrorCode; message: string } }

/**
 * Starts the named stages in this process, over one log and one store. A process with `record` owns the embedded store
 * and serves it read-only; `report` alone reads from whoever owns it.
 */
export async function startStages(
  names: readonly Stage[],
  config: Config,
  logger: Logger,
): Promise<Running & { urls: Record<string, string> }> {
  requireActiveKey(openKeyring(config.store.encryption))
  const started: Running[] = []
  const urls: Record<string, string> = {}
  const stop = async (): Promise<void> => {
    // Last started, first stopped: a stage ends before the log and the store it stands on.
    for (const running of started.splice(0).toReversed()) await running.stop()
  }
  try {
    const log = await startLog(names, config, logger, started)
    const store = await startStore(names, config, logger, started, urls)
    const begin = async (stage: Stage, start: () => Promise<Running & { url?: string }>): Promise<void> => {
      if (!names.includes(stage)) return
      const running = await start()
      started.push(running)
      if (running.url !== undefined) urls[stage] = running.url
    }
    const needed = <T>(part: T | undefined): T => part as T
    // Each stage is loaded only where it runs: the command line answers at once, a tap holds no store.
    await begin('report', async () => {
      const { startIntake } = await import('./intake.ts')
      const intake = startIntake({ config, log, logger })
      started.push(intake)
      const arms = (await import('./arms.ts')).armsDesk(config)
      const { publishAudit, writeAudit } = await import('./audit-trail.ts')
      const audit = (act: Act, actor: string): void => {
        const written = log === undefined ? writeAudit(config, act, actor) : publishAudit(log, act, actor)
        written.catch((err: unknown) => logger.warn({ err, ...act }, 'not in the audit log'))
      }
      const context = { config, store: needed(store), logger, intake, arms, audit }
      return (await import('../report/main.ts')).startReport(context)
    })
    const beginConsumer = (stage: ConsumingStage, start: (log: TopicLog) => Promise<Running>): Promise<void> =>
      begin(stage, async () => {
        const watched = watchConsumer(needed(log), stage)
        started.push(await startPages(stage, watched, config))
        return start(watched)
      })
    await beginConsumer('record', async (log) =>
      (await import('../record/main.ts')).startRecord({ log, store: needed(store), logger }),
    )
    await beginConsumer('compare', async (log) => {
      const { openPriceBook } = await import('../../shared/pricing/open.ts')
      const settling = { config, prices: openPriceBook(config.prices) }
      return (await import('../compare/main.ts')).startCompare({ config, log, logger, settling })
    })
    await beginConsumer('replay', async (log) => {
      const { openPriceBook } = await import('../../shared/pricing/open.ts')
      const prices = openPriceBook(config.prices)
      return (await import('../replay/main.ts')).startReplay({
        config,
        log,
        logger,
        prices,
        erasures: await openErasures(config, logger, started),
      })
    })
    await begin('tap', async () => {
      if (config.tap.processes > 1)
        return (await import('../tap/cluster/cluster.ts')).startTapCluster({ config, logger })
      const { createWorkerMirror } = await import('../tap/mirror/worker-mirror.ts')
      const mirror = createWorkerMirror({ config, logger })
      return (await import('../tap/main.ts')).startTap({ config, mirror, logger })
    })
    return { urls, stop }
  } catch (err) {
    await stop()
    throw err
  }
}

/**
 * What was erased, for a stage that reads topics of Kafka: records cannot be taken out of those. Only where a server has the list:
 * whoever opens an embedded store keeps its owner out.
 */
async function openErasures(config: Config, logger: Logger, started: Running[]): Promise<ErasureList | undefined> {
  if ('embedded' in config.log || 'embedded' in config.store) return undefined
  const store = await openStore(config.store, { logger, access: 'reader' })
  started.push({ stop: () => store.close() })
  return openErasureList(store)
}

type ConsumingStage = 'replay' | 'compare' | 'record'

/** Before the stage itself, so that an address in use is told at once. */
async function startPages(stage: ConsumingStage, log: WatchedLog, { ops }: Config): Promise<Running> {
  const listen = ops === false ? false : ops[stage]
  if (listen === false) return { stop: async () => {} }
  return await startConsumerOps({ log, listen, configKey: `ops.${stage}` })
}

async function startLog(
  names: readonly Stage[],
  config: Config,
  logger: Logger,
  started: Running[],
): Promise<TopicLog | undefined> {
  // The tap and the report's intake open the log by themselves, when they can: both serve with the log down.
  if (names.every((name) => name === 'report' || name === 'tap')) return undefined
  const log = await openTopicLog(config.log, { logger, clientId: `understudy-${names.join('-')}` })
  started.push({ stop: () => log.close() })
  await prepareLog(log, logger)
  return log
}

async function prepareLog(log: TopicLog, logger: Logger): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 10_000)) {
    try {
      await log.prepare()
      return
    } catch (err) {
      if (!isRetryable(err)) throw err
      const { code, message } = err
      logger.warn({ code, message, waitMs }, 'log does not answer yet: waiting for it')
      await sleep(waitMs)
    }
  }
}

async function startStore(
  names: readonly Stage[],
  config: Config,
  logger: Logger,
  started: Running[],
  urls: Record<string, string>,
): Promise<Store | undefined> {
  if (!names.includes('record') && !names.includes('report')) return undefined
  const owner = names.includes('record')
  const store = await openStore(config.store, { logger, access: owner ? 'owner' : 'reader' })
  started.push({ stop: () => store.close() })
  if (!owner) return store
  await migrate(store, { retention: config.retention })
  // Before anything is recorded under this config.
  await (await import('../report/campaigns/store.ts')).beginCampaigns(store, config, new Date())
  if ('embedded' in config.store) {
    const { serveStore } = await import('../../shared/store/read-only-http.ts')
    const served = await serveStore(store, { listen: config.store.listen, logger })
    started.push(served)
    urls['store'] = served.url
  }
  return store
}

/** `understudy tap` and its siblings: one stage in the foreground, until a signal. `run` takes several. */
export function stageCommands(): Command[] {
  const single = stages
    // These have more to say than to run.
    .filter((stage) => stage !== 'replay' && stage !== 'compare')
    .map((stage) => stageCommand(stage).action((options: StageOptions) => runForeground([stage], options)))
  const several = command('run', 'several stages in one process')
    .addOption(logLevelOption('info'))
    .argument('<stages...>', stages.join(' | '))
    .action((names: string[], options: StageOptions) => runForeground(names.map(stageNamed), options))
  return [...single, several]
}

export function stageCommand(stage: Stage): Command {
  return command(stage, descriptions[stage]).addOption(logLevelOption('info'))
}

function stageNamed(name: string): Stage {
  const stage = stages.find((known) => known === name)
  if (stage === undefined) {
    throw new UnderstudyError('USAGE', `there is no stage "${name}": choose from ${stages.join(', ')}`)
  }
  return stage
}

export async function runForeground(names: Stage[], options: StageOptions): Promise<void> {
  const logger = createLogger(names.join('+'), options.logLevel)
  const config = configOf(options)
  const signalled = untilSignalled()
  // A part that does not answer is waited for, and a signal must end that wait too. Nothing is in hand yet that would
  // have to be finished, so the process may simply end.
  const running = await Promise.race([startStages(names, config, logger), signalled.then(() => null)])
  if (running === null) {
    logger.info({ signal: await signalled }, 'stopped before it had started')
    process.exit(0)
  }
  logger.info({ stages: names, ...running.urls }, 'started')
  process.send?.({ ready: true, urls: running.urls } satisfies StageMessage)
  logger.info({ signal: await signalled }, 'stopping')
  await running.stop()
  logger.info('stopped')
  process.exit(0)
}
