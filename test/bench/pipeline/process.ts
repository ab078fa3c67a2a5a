// One stage of the bench, or the provider, in a process of its own: node process.ts STAGE CONFIG
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { loadConfig } from '../../../shared/config/load.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { createLogger } from '../../../shared/logger.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { openStore } from '../../../shared/store/open.ts'
import { type Store } from '../../../shared/store/store.ts'
import { completion, pairs } from './answers.ts'
import { type Ask, type Told, type Weight } from './protocol.ts'

const [stage, configFile] = process.argv.slice(2)
const logger = createLogger(stage!, 'warn')
let visible = 0
let weigh: () => Promise<Weight> = () => Promise.reject(new Error('only record has a store'))
let lateMs: number[] = []

/** Rows are visible when their insert has resolved. */
function watching(store: Store): Store {
  return {
    ...store,
    async insert(table, rows) {
      await store.insert(table, rows)
      if (table !== 'comparisons') return
      const nowMs = Date.now()
      visible += rows.length
      for (const row of rows) lateMs.push(nowMs - Date.parse((row as { captured_at: string }).captured_at))
    },
  }
}

/** The provider says what belongs to the number in the question, in a millisecond. */
function startProvider(): Promise<string> {
  const answers = pairs.map(({ arm }) => completion(arm))
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => (text += piece))
    request.on('end', () => {
      const answer = answers[Number(/Question (\d+)/.exec(text)?.[1] ?? 0) % answers.length]!
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    })
  })
  server.keepAliveTimeout = 60_000
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
}

async function startStage(): Promise<() => Promise<void>> {
  const config = loadConfig(configFile!, process.env)
  const log = await openTopicLog(config.log, { logger, clientId: stage! })
  const settling = { config, prices: openPriceBook(config.prices) }
  if (stage === 'replay') {
    const { startReplay } = await import('../../../services/replay/main.ts')
    const running = await startReplay({ ...settling, log, logger })
    return () => running.stop().then(() => log.close())
  }
  if (stage === 'compare') {
    const { startCompare } = await import('../../../services/compare/main.ts')
    const running = await startCompare({ config, log, logger, settling })
    return () => running.stop().then(() => log.close())
  }
  const { startRecord } = await import('../../../services/record/main.ts')
  const store = await openStore(config.store, { logger, access: 'owner' })
  await migrate(store)
  weigh = async () => {
    const [row] = await store.query<Weight>(
      `SELECT toFloat64(sumIf(bytes_on_disk, endsWith(table, '_bodies'))) AS bodies, toFloat64(sumIf(bytes_on_disk, NOT endsWith(table, '_bodies'))) AS numbers
       FROM system.parts WHERE active AND database = currentDatabase()`,
    )
    return row!
  }
  const running = await startRecord({ log, store: watching(store), logger })
  return async () => {
    await running.stop()
    await log.close()
    await store.close()
  }
}

const [ready, stop] =
  stage === 'provider'
    ? [await startProvider(), () => Promise.resolve()]
    : await startStage().then((end) => ['ready', end] as const)
process.on('message', (ask: Ask) => {
  if (ask === 'stop') return void stop().then(() => process.exit(0))
  if (ask === 'weigh') return void weigh().then((weight) => process.send!(weight))
  const { user, system } = process.cpuUsage()
  process.send!({ cpuUs: user + system, visible, lateMs } satisfies Told)
  lateMs = []
})
process.send!(ready)
