import { type IncomingMessage, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Config } from '../../shared/config/schema.ts'
import { dialectOf } from '../../shared/dialects/dialects.ts'
import { uuidv7 } from '../../shared/ids.ts'
import { createCapture, type FinishedCopy, type Plan } from './capture.ts'
import { conversationHeader } from './conversation.ts'
import { forward, type Watcher } from './forward.ts'
import { headerValue, pickHeaders } from './headers.ts'
import { startOfHourMs, type Ledger } from './ledger.ts'
import { createProcessor, type Processed } from './process.ts'
import { type Publisher } from './publish.ts'
import { createRoutes } from './route.ts'
import { isSampledAtArrival } from './sample.ts'
import { sendError } from './send-error.ts'
import { storedAnswerHeaders, storedRequestHeaders } from './stored-headers.ts'
import { addressOf, isRefusal, targetOf, type Target } from './target.ts'
import { type Pool } from './upstreams.ts'
import { type ByteBudget } from './byte-budget.ts'

export type TapOptions = {
  config: Pick<Config, 'tap' | 'routes'>
  pools: ReadonlyMap<string, Pool>
  budget: ByteBudget
  ledger: Ledger
  publisher: Publisher
  onTrouble: (err: unknown) => void
}

export type Tap = {
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Resolves when every exchange has ended, been counted and handed to the publisher. */
  settled(): Promise<void>
}

/** Forwards what comes in; what has been copied is processed afterwards, one exchange a turn of the event loop. */
export function createTap(options: TapOptions): Tap {
  const { config, pools, budget, ledger, publisher } = options
  const { tap } = config
  const upstreams = new Map(Object.entries(tap.upstreams).map(([name, { baseUrl }]) => [name, addressOf(baseUrl)]))
  const routes = createRoutes(config.routes)
  const wantedHeaders = new Set([...storedRequestHeaders, ...routes.headerNames, conversationHeader])
  const process = createProcessor(config)
  const finished: FinishedCopy[] = []
  let working: Promise<void> | null = null
  let underWay = 0
  const isBusy = () => underWay > 0 || working !== null

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const target = targetOf(request.url ?? '', upstreams)
    if (isRefusal(target)) return sendError(response, target.status, target)
    const { upstream, path } = target
    const pool = pools.get(upstream)!
    forward({ request, response, pool, upstream, path, watcher: watch(request, target) })
  }

  function watch(request: IncomingMessage, { upstream, path }: Target): Watcher {
    const exchangeId = uuidv7()
    const plan = planOf(request, upstream, path, exchangeId)
    const { method = '', rawHeaders, headers } = request
    underWay += 1
    return createCapture({
      arrival: {
        source: 'tap',
        exchangeId,
        capturedAtMs: Date.now(),
        upstream,
        method,
        path,
        headers: pickHeaders(rawHeaders, wantedHeaders),
        plan,
      },
      requestBytes: headers['content-length'] === undefined ? null : Number(headers['content-length']),
      // What is sampled out is still counted under its route, which the request's model may decide.
      copies: {
        request: plan === 'capture' || (plan === 'sampled_out' && routes.needsModel),
        answer: plan === 'capture',
      },
      maxBodyBytes: tap.capture.maxBodyBytes,
      budget,
      answerHeaders: storedAnswerHeaders,
      finished: (copy) => {
        underWay -= 1
        finished.push(copy)
        working ??= work()
      },
    })
  }

  function planOf(request: IncomingMessage, upstream: string, path: string, exchangeId: string): Plan {
    if (headerValue(request.rawHeaders, 'x-understudy')?.trim().toLowerCase() === 'off') return 'opted_out'
    if (dialectOf(tap.upstreams[upstream]!.dialect, request.method ?? '', path) === null) return 'unsupported'
    return isSampledAtArrival(exchangeId, tap.sample) ? 'capture' : 'sampled_out'
  }

  async function work(): Promise<void> {
    for (let copy = finished.shift(); copy !== undefined; copy = finished.shift()) {
      await nextTurn()
      const processed = await process(copy).catch((err: unknown): Processed => {
        options.onTrouble(err)
        return { route: 'default', outcome: 'dropped', reason: 'capture_error' }
      })
      budget.give(copy.heldBytes)
      settle(copy, processed)
    }
    working = null
  }

  function settle({ capturedAtMs, upstream }: FinishedCopy, processed: Processed): void {
    const key = { hourMs: startOfHourMs(capturedAtMs), upstream, route: processed.route }
    ledger.count(key, 'served')
    if (processed.outcome === 'dropped') return ledger.count(key, 'dropped', processed.reason)
    if (processed.outcome !== 'captured') return ledger.count(key, processed.outcome)
    const record = { key: processed.conversationId, value: Buffer.from(processed.message) }
    publisher.enqueue(record, (outcome) => {
      if (outcome.published) ledger.count(key, 'published')
      else ledger.count(key, 'dropped', outcome.reason)
    })
  }

  return {
    handle,
    async settled() {
      while (isBusy()) await (working ?? nextTurn())
    },
  }
}
