import { createServer, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { type Config } from '../../shared/config/schema.ts'
import { errorCode, UnderstudyError } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Topic, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { createByteBudget } from './byte-budget.ts'
import { createLedger, type Totals } from './ledger.ts'
import { createPublisher, givingUpAfter } from './publish.ts'
import { createTap, type Tap } from './tap.ts'
import { addressOf } from './target.ts'

export type TapContext = { config: Config; log: TopicLog; logger: Logger; limits?: Partial<TapLimits> }

export type TapLimits = {
  /** All copies and queued records together. */
  maxHeldBytes: number
  ledgerIntervalMs: number
  /** How long running answers may go on after `stop`. */
  drainTimeoutMs: number
  /** How long `stop` waits for the log to take what is queued. */
  flushTimeoutMs: number
  /** A publish that takes longer is taken for lost. */
  publishTimeoutMs: number
}

const defaultLimits: TapLimits = {
  maxHeldBytes: 256 * 1_048_576,
  ledgerIntervalMs: 5_000,
  drainTimeoutMs: 30_000,
  flushTimeoutMs: 5_000,
  publishTimeoutMs: 30_000,
}

export type RunningTap = Running & { url: string; totals(): Totals }

/** Starts the proxy. It serves whether or not the log answers; PORT_TAKEN if its address is in use. */
export async function startTap({ config, log, logger, limits }: TapContext): Promise<RunningTap> {
  const { maxHeldBytes, ledgerIntervalMs, drainTimeoutMs, flushTimeoutMs, publishTimeoutMs } = {
    ...defaultLimits,
    ...limits,
  }
  const trouble = (message: string) => (err: unknown) => logger.warn({ code: errorCode(err) }, message)
  const budget = createByteBudget(maxHeldBytes)
  const publishTo = (topic: Topic) => givingUpAfter(publishTimeoutMs, (records) => log.publish(topic, records))
  const ledger = createLedger(publishTo('ledger'))
  const publisher = createPublisher({
    publish: publishTo('exchanges'),
    budget,
    onTrouble: trouble('the log did not take exchanges; answers are served all the same'),
  })
  const pools = createPools(config)
  const onTrouble = trouble('an exchange could not be captured')
  const tap = createTap({ config, dispatchers: pools, budget, ledger, publisher, onTrouble })
  const server = createTapServer(tap)
  await listen(server, config.tap.listen)
  logger.info({ url: urlOf(server), upstreams: [...pools.keys()] }, 'the tap listens')
  const flushLedger = () => ledger.flush().catch(trouble('the ledger is kept until the log takes it'))
  const timer = setInterval(() => void flushLedger(), ledgerIntervalMs)

  async function stop(): Promise<void> {
    await closeServer(server, drainTimeoutMs)
    await tap.settled()
    await publisher.stop(flushTimeoutMs)
    clearInterval(timer)
    await within(flushTimeoutMs, flushLedger())
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    logger.info(ledger.totals(), 'the tap has stopped')
  }

  let stopped: Promise<void> | null = null
  return { url: urlOf(server), totals: () => ledger.totals(), stop: () => (stopped ??= stop()) }
}

/** One pool of HTTP/1.1 connections per upstream, which can reach no other origin. Models may think for minutes. */
function createPools({ tap }: Config): Map<string, Pool> {
  return new Map(
    Object.entries(tap.upstreams).map(([name, { baseUrl }]) => [
      name,
      new Pool(addressOf(baseUrl).origin, {
        allowH2: false,
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        maxHeaderSize: 65_536,
      }),
    ]),
  )
}

function createTapServer(tap: Tap): Server {
  const server = createServer(
    {
      noDelay: true,
      // A long upload is the client's affair; a head that never ends is not.
      requestTimeout: 0,
      // Longer than clients keep idle connections, so that they are the ones to close.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 65_536,
    },
    (request, response) => {
      if (!server.listening) response.shouldKeepAlive = false
      tap.handle(request, response)
    },
  )
  // The default of 2,000 drops the rest silently; `maxHeaderSize` bounds them.
  server.maxHeadersCount = 0
  return server
}

function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code !== 'EADDRINUSE') return reject(err)
      const cure = `tap.listen: ${address} is in use. Stop what listens there, or choose another port.`
      reject(new UnderstudyError('PORT_TAKEN', cure, { cause: err }))
    })
    server.listen(Number(address.slice(colon + 1)), host, resolve)
  })
}

/** No new connections; answers under way go on to their end, or until the time is up. */
async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs)
  // An idle connection that was busy when closing began is found by looking again.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(deadline)
  clearInterval(sweep)
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, timeoutMs)
  await Promise.race([work, deadline.promise])
  clearTimeout(timer)
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
