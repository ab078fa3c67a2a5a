import { type Config } from '../../shared/config/schema.ts'
import { dialectOf } from '../../shared/dialects/dialects.ts'
import { uuidv7 } from '../../shared/ids.ts'
import { createCapture, type Plan } from './capture.ts'
import { conversationHeader } from './conversation.ts'
import { forward, type Watcher } from './forward.ts'
import { pickHeaders } from './headers.ts'
import { type Inbound } from './inbound.ts'
import { type RequestHead } from './request-head.ts'
import { type Mirror } from './mirror/mirror.ts'
import { createOptOut } from './opt-out.ts'
import { createRoutes } from './route.ts'
import { isSampledAtArrival } from './sample.ts'
import { sendError } from './send-error.ts'
import { storedAnswerHeaders, storedRequestHeaders } from './stored-headers.ts'
import { Stopwatch } from './stopwatch.ts'
import { addressOf, isRefusal, targetOf, type Target } from './target.ts'
import { type Pool } from './upstreams.ts'
import { type ByteBudget } from './byte-budget.ts'

export type TapOptions = {
  config: Pick<Config, 'tap' | 'routes'>
  pools: ReadonlyMap<string, Pool>
  budget: ByteBudget
  mirror: Pick<Mirror, 'accept'>
  /** Called when an exchange has ended, with the time that the tap itself added to it. */
  onAdded?: (addedMs: number) => void
}

export type Tap = {
  handle(inbound: Inbound): void
  /** Resolves when every exchange has ended and was handed to the mirror. */
  settled(): Promise<void>
  /** Exchanges under way. */
  inFlight(): number
}

/** Forwards what comes in, and hands the copy of what has passed to the mirror. */
export function createTap(options: TapOptions): Tap {
  const { config, pools, budget, mirror, onAdded = () => {} } = options
  const { tap } = config
  const upstreams = new Map(Object.entries(tap.upstreams).map(([name, { baseUrl }]) => [name, addressOf(baseUrl)]))
  const routes = createRoutes(config.routes)
  const hasOptedOut = createOptOut(tap.optOut)
  const wantedHeaders = new Set([
    ...storedRequestHeaders,
    ...routes.headerNames,
    conversationHeader,
    tap.tenantHeader.toLowerCase(),
  ])
  let underWay = 0
  let whenSettled: (() => void) | null = null

  function handle(inbound: Inbound): void {
    const stopwatch = new Stopwatch()
    const target = targetOf(inbound.head.target, upstreams)
    if (isRefusal(target)) return sendError(inbound, target.status, target)
    const { upstream, path } = target
    const pool = pools.get(upstream)!
    const watcher = watch(inbound, target, stopwatch)
    forward({ inbound, pool, upstream, path, watcher, stopwatch })
  }

  function watch({ head, framing }: Inbound, { upstream, path }: Target, stopwatch: Stopwatch): Watcher {
    const exchangeId = uuidv7()
    const plan = planOf(head, upstream, path, exchangeId)
    const { method, headers } = head
    underWay += 1
    return createCapture({
      arrival: {
        source: 'tap',
        exchangeId,
        capturedAtMs: Date.now(),
        upstream,
        method,
        path,
        headers: pickHeaders(headers, wantedHeaders),
        plan,
      },
      requestBytes: framing.kind === 'length' ? framing.sizeBytes : null,
      // What is sampled out is still counted under its route, which the request's model may decide.
      copies: {
        request: plan === 'capture' || (plan === 'sampled_out' && routes.needsModel),
        answer: plan === 'capture',
      },
      maxBodyBytes: tap.capture.maxBodyBytes,
      budget,
      answerHeaders: storedAnswerHeaders,
      finished: (copy) => {
        // First, since what throws is tried again without its copies.
        mirror.accept(copy, () => budget.give(copy.heldBytes))
        underWay -= 1
        // Once on the way up and once down: there was an answer.
        if (stopwatch.pauses === 2) onAdded(stopwatch.elapsedMs)
        if (underWay === 0) whenSettled?.()
      },
    })
  }

  function planOf({ method, headers }: RequestHead, upstream: string, path: string, exchangeId: string): Plan {
    if (hasOptedOut(headers)) return 'opted_out'
    if (dialectOf(tap.upstreams[upstream]!.dialect, method, path) === null) return 'unsupported'
    return isSampledAtArrival(exchangeId, tap.sample) ? 'capture' : 'sampled_out'
  }

  return {
    handle,
    inFlight: () => underWay,
    settled: () => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => (whenSettled = resolve))),
  }
}
