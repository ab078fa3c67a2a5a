import { type Command } from 'commander'
import { armsOf } from '../../shared/config/arms.ts'
import { type Config, type LogConfig, type StoreConfig } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { silentLogger } from '../../shared/logger.ts'
import { openPriceBook } from '../../shared/pricing/open.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { openStore } from '../../shared/store/open.ts'
import { type Store } from '../../shared/store/store.ts'
import { versionOfConfig } from '../compare/config-version.ts'
import { type ArmStatus } from '../report/main.ts'
import { armsDesk, hindranceOf } from './arms.ts'
import { type Check, warn } from './checks/check.ts'
import { checkHelpers } from './checks/helpers.ts'
import { checkPart, checkPort, checkPrices } from './checks/machine.ts'
import { checkModel, checkProvider, checkUpstream } from './checks/network.ts'
import { checkKept } from './checks/check-kept.ts'
import { checkScorers, checkWaivers, readWaiverUse, type WaiverUse } from './checks/scoring.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { withReader } from './reader.ts'

export type DoctorDeps = {
  openLog: () => Promise<Pick<TopicLog, 'ping' | 'close'>>
  openStore: () => Promise<Pick<Store, 'ping' | 'close'>>
  openPrices: () => PriceBook
  /** Asked only where the log answers. */
  listArms: () => Promise<ArmStatus[]>
  /** What is kept: room on the disks, tables, log and spool. */
  lookAtKept: () => Promise<Check[]>
  /** Asked only where the store answers, and the config has waivers. */
  readWaiverUse: () => Promise<WaiverUse>
  timeoutMs: number
  now: () => Date
}

/** Looks at everything the config names; changes nothing that lasts. In the order of the way of an exchange. */
export async function runDoctor(config: Config, deps: DoctorDeps): Promise<Check[]> {
  const { timeoutMs } = deps
  const upstreams = Object.entries(config.tap.upstreams)
  const groups = await Promise.all([
    Promise.all(upstreams.map(([name, { baseUrl }]) => checkUpstream(name, baseUrl, timeoutMs))),
    checkProviders(config, timeoutMs),
    checkHelpers(config, timeoutMs),
    checkScorers(config),
    Promise.resolve(checkPrices(config, deps.openPrices, deps.now())),
    checkPart('log', logPlace(config.log), deps.openLog, timeoutMs),
    checkPart('store', storePlace(config.store), deps.openStore, timeoutMs),
    deps.lookAtKept(),
    Promise.all(addressesOf(config).map(([key, listen]) => checkPort(key, listen))),
  ])
  const checks = groups.flat()
  const answers = (part: string): boolean => checks.some(({ name, state }) => name === part && state === 'ok')
  const arms = answers('log') ? await checkArms(deps.listArms) : []
  const mayAsk = answers('store') && config.waivers.length > 0
  // A store without comparisons yet, or a scorer that cannot be read, is no matter of the waivers.
  const use = mayAsk ? await deps.readWaiverUse().catch(() => null) : null
  return [...checks, ...arms, ...checkWaivers(config, use, deps.now())]
}

/** Those that replay does not ask at present; none where all are asked. */
async function checkArms(list: DoctorDeps['listArms']): Promise<Check[]> {
  return (await list()).flatMap((arm) => {
    const hindrance = hindranceOf(arm)
    return hindrance === null ? [] : [warn(`arm ${arm.arm}`, ...hindrance)]
  })
}

/** The providers, and what they say about the candidates' models. */
async function checkProviders(config: Config, timeoutMs: number): Promise<Check[]> {
  const used = new Set(armsOf(config).flatMap((arm) => [arm.provider, ...Object.values(arm.providerByUpstream)]))
  for (const helper of [config.compare.judge, config.compare.embeddings]) if (helper) used.add(helper.provider)
  const checked = await Promise.all(
    Object.entries(config.providers).map(async ([name, provider]) => {
      const found = await checkProvider(name, provider, { timeoutMs, isUsed: used.has(name) })
      return { name, ...found }
    }),
  )
  const models = new Map(checked.map(({ name, models }) => [name, models]))
  const candidates = config.candidates.flatMap((each) => checkModel(each, models.get(each.provider) ?? null) ?? [])
  return [...checked.map(({ check }) => check), ...candidates]
}

function addressesOf({ tap, ops, report, store }: Config): [key: string, listen: string][] {
  const served: [string, string][] = 'embedded' in store ? [['store.listen', store.listen]] : []
  const pages = Object.entries(ops || {}).map(([stage, listen]) => [`ops.${stage}`, listen] as const)
  const watched = [['tap.ops', tap.ops] as const, ...pages].flatMap(([key, listen]): [string, string][] =>
    listen === false ? [] : [[key, listen]],
  )
  return [['tap.listen', tap.listen], ...watched, ['report.listen', report.listen], ...served]
}

function logPlace(log: LogConfig): string {
  return 'embedded' in log ? log.embedded : `Kafka at ${log.kafka.brokers.join(', ')}`
}

function storePlace(store: StoreConfig): string {
  return 'embedded' in store ? store.embedded : `ClickHouse at ${new URL(store.clickhouse.url).host}`
}

/** One line per check, the cure of what is not ok beneath it. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ name, state, detail, cure }) => [
    `${state.padEnd(4)}  ${name.padEnd(width)}  ${detail}`,
    ...(cure === null ? [] : [`${' '.repeat(width + 8)}→ ${cure}`]),
  ])
  const failed = checks.filter(({ state }) => state === 'fail').length
  const warned = checks.filter(({ state }) => state === 'warn').length
  return [...lines, '', `${checks.length} checks: ${failed} failed, ${warned} to look at`].join('\n')
}

export function doctorCommand(): Command {
  return command(
    'doctor',
    'upstreams, providers, models, scorers, waivers, prices, log, store, ports: what is wrong and what to do',
  )
    .option('--timeout-ms <n>', 'how long each part may take to answer', '5000')
    .action(async (options: CommonOptions & { timeoutMs: string }) => {
      const config = configOf(options)
      const checks = await runDoctor(config, {
        openLog: () => openTopicLog(config.log, { logger: silentLogger, clientId: 'understudy-doctor' }),
        openStore: () => openStore(config.store, { logger: silentLogger, access: 'reader' }),
        openPrices: () => openPriceBook(config.prices),
        listArms: () => armsDesk(config).list(),
        lookAtKept: () => checkKept(config, milliseconds(options.timeoutMs)),
        readWaiverUse: async () => {
          const version = (await versionOfConfig(config))(new Date())
          return await withReader(config, (store) => readWaiverUse(store, version))
        },
        timeoutMs: milliseconds(options.timeoutMs),
        now: () => new Date(),
      })
      print(options, checks, renderChecks(checks))
      if (checks.some(({ state }) => state === 'fail')) process.exitCode = 1
    })
}

function milliseconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new UnderstudyError('USAGE', `--timeout-ms "${text}" is not a whole number of milliseconds from 1 to 999999`)
}
