import { uuidv7 } from '../ids.ts'
import { controlArm } from '../config/arms.ts'
import { type Absence, type Answer, type Need, type Obstacle, type LimitsState } from './limits-state.ts'
import { type Bucket, take, waitMsOf } from './rate.ts'
import { createReadCache } from './read-cache.ts'
import { explained, openTables, statementsOf, transactionsOf } from './tables.ts'

/** Workers on other machines, which cannot see this machine's file. */
export type Elsewhere = {
  /** Workers of the group, all machines together: each machine has its share of every limit. */
  workers(): number
  spentUsd(arm: string, day: string): number
  /** May this machine have spent so much by the time it is killed? False: not yet; it is being asked for. */
  mayReach(arm: string, day: string, totalUsd: number): boolean
}

export type LocalStateOptions = {
  /** `:memory:` where one process is alone on its machine. */
  file: string
  /** A worker that says nothing for so long is dead: what it had in flight counts as spent, and its places are free. */
  leaseMs?: number
  elsewhere?: Elsewhere
  now?: () => number
}

export const alone: Elsewhere = { workers: () => 1, spentUsd: () => 0, mayReach: () => true }

const toleratedFailures = 5
const firstPauseMs = 30_000
const longestPauseMs = 300_000

/** The state of one machine in a SQLite file, used by all its processes. */
export function openLocalState(options: LocalStateOptions): LimitsState {
  const { file, leaseMs = 10_000, elsewhere = alone, now = () => Date.now() } = options
  const db = openTables(file)
  const sql = statementsOf(db)
  const worker = uuidv7()
  const cache = createReadCache(db)
  const transaction = transactionsOf(db)
  /** What is to be written with the next transaction, in this order; it stays until one was committed. */
  const unwritten: (() => void)[] = []
  /** Buckets as they are to be written at the end of the transaction: each once, however many calls changed it. */
  const filled = new Map<string, Bucket>()
  let [isWithin, isDue] = [false, false]

  /** With what is unwritten before it. Within another one it is a part of that one. */
  function atomically<T>(work: () => T): T {
    if (isWithin) return work()
    isWithin = true
    try {
      const result = transaction(() => {
        cache.refresh()
        for (const write of unwritten) write()
        const result = work()
        for (const [name, { paidUntilMs, atMs }] of filled) sql.fill.run(name, paidUntilMs, atMs)
        return result
      })
      unwritten.length = 0
      return result
    } catch (err) {
      cache.clear()
      throw err
    } finally {
      isWithin = false
      filled.clear()
    }
  }

  /** With this turn's admissions, else by itself a turn later: a commit costs more than all that is in it. */
  function soon(write: () => void): void {
    unwritten.push(write)
    if (isDue) return
    isDue = true
    const end = (): void => {
      isDue = false
      unlessUnusable(writeAll)
    }
    setImmediate(() => setImmediate(end))
  }

  function writeAll(): void {
    if (unwritten.length > 0) atomically(() => {})
  }

  /** The next admission meets the same trouble and tells it, and the next sign of life tries again. */
  function unlessUnusable(work: () => void): void {
    try {
      work()
    } catch {}
  }

  function beat(): void {
    const nowMs = now()
    atomically(() => {
      sql.beat.run(worker, nowMs + leaseMs)
      sql.buryDead.run(nowMs, nowMs + 2 * leaseMs)
      buryOrphans()
      sql.forgetDays.run(dayOf(nowMs - 86_400_000))
    })
  }

  function buryOrphans(): void {
    sql.keepEstimates.run()
    sql.dropOrphans.run()
    cache.clear()
  }

  function refusalOf(needs: readonly Need[], nowMs: number, armWaitMs: number): Answer | null {
    const budgets = needs.map((need) => budgetOf(need, nowMs))
    const reached = needs.filter((_, index) => budgets[index] === 'reached')
    if (reached.length > 0) return { kind: 'reached', arms: reached.map(({ arm }) => arm) }
    const away = awayTooLong(needs, nowMs, armWaitMs)
    if (away.size > 0) return { kind: 'away', arms: away }
    if (needs.some(({ arm }) => isPaused(arm))) return wait('paused', null)
    const heldMs = Math.max(...needs.flatMap(namesOf).map((name) => heldForMs(name, nowMs)))
    if (heldMs > 0) return wait('held', heldMs)
    if (budgets.includes('wait')) return wait('budget', null)
    if (!havePlaces(needs)) return wait('place', null)
    const rateMs = Math.max(...needs.flatMap(bucketsOf).map(({ name, perMinute }) => waitFor(name, perMinute, nowMs)))
    return rateMs > 0 ? wait('rate', rateMs) : null
  }

  /** None where no other candidate could go on, or the control is away too: without it a pair proves nothing. */
  function awayTooLong(needs: readonly Need[], nowMs: number, armWaitMs: number): Map<string, Absence> {
    const away = new Map<string, Absence>()
    for (const { arm, provider } of needs) {
      const absence = absenceOf(arm, provider, nowMs)
      if (absence === null) continue
      if (arm === controlArm) return new Map()
      if (nowMs - absence.sinceMs >= armWaitMs) away.set(arm, absence.because)
    }
    const canGoOn = needs.some(({ arm }) => arm !== controlArm && !away.has(arm))
    return canGoOn ? away : new Map()
  }

  function absenceOf(arm: string, provider: string, nowMs: number): { because: Absence; sinceMs: number } | null {
    const since = (name: string): number => (sql.absence.get(name) as { sinceMs: number } | undefined)?.sinceMs ?? nowMs
    if (isPaused(arm)) return { because: 'paused', sinceMs: since(`arm:${arm}`) }
    const name = `provider:${provider}`
    // Between two pauses the calls of one exchange try it; the others are no better off than before.
    const isLeftAlone = heldForMs(name, nowMs) > 0 || callsOfProvider(provider) > 0
    return openingsOf(provider) > 0 && isLeftAlone ? { because: 'breaker_open', sinceMs: since(name) } : null
  }

  const isPaused = (arm: string): boolean => cache.get(`paused/${arm}`, () => sql.isPaused.get(arm) !== undefined)

  const callsOfArm = (arm: string): number => cache.get(`calls/arm/${arm}`, () => count(sql.callsOfArm.get(arm)))

  const callsOfProvider = (provider: string): number =>
    cache.get(`calls/provider/${provider}`, () => count(sql.callsOfProvider.get(provider)))

  const spentOn = (arm: string, day: string): number =>
    cache.get(`spent/${arm}/${day}`, () => usd(sql.spent.get(arm, day)))

  const reservedFor = (arm: string, day: string): number =>
    cache.get(`reserved/${arm}/${day}`, () => usd(sql.reserved.get(arm, day)))

  function heldForMs(name: string, nowMs: number): number {
    const found = cache.get(`hold/${name}`, () => sql.holdOf.get(name)) as { untilMs: number; atMs: number } | undefined
    // A clock that was set back would lengthen the pause by as much.
    return found === undefined ? 0 : Math.min(found.untilMs - nowMs, found.untilMs - found.atMs)
  }

  /**
   * Where only calls in flight stand between a call and the limit, it waits for them: their real cost may leave room. So
   * spending ends above the limit by one call at most.
   */
  function budgetOf({ arm, budget }: Need, nowMs: number): 'free' | 'wait' | 'reached' {
    if (budget === null) return 'free'
    const day = dayOf(nowMs)
    const own = spentOn(arm, day)
    const reserved = reservedFor(arm, day)
    const spent = own + elsewhere.spentUsd(arm, day)
    if (spent >= budget.limitUsd) return 'reached'
    // Rounding may leave a trace of what was reserved and given back; alone, a call needs no room but the limit's.
    if (reserved > 1e-9 && spent + reserved + budget.estimateUsd > budget.limitUsd) return 'wait'
    return elsewhere.mayReach(arm, day, own + reserved + budget.estimateUsd) ? 'free' : 'wait'
  }

  function havePlaces(needs: readonly Need[]): boolean {
    return needs.every(({ arm, provider, armLimits, providerLimits }) => {
      const ofProvider = callsOfProvider(provider)
      // A provider that was left alone is tried with the calls of one exchange.
      if (ofProvider > 0 && openingsOf(provider) > 0) return false
      if (callsOfArm(arm) >= shareOf(armLimits.concurrency)) return false
      const more = needs.filter((each) => each.provider === provider).length
      return providerLimits.concurrency === undefined || ofProvider + more <= shareOf(providerLimits.concurrency, more)
    })
  }

  const shareOf = (limit: number, least = 1): number => Math.max(least, Math.floor(limit / elsewhere.workers()))

  /** `failures`: in a row. `openings`: how often in a row the provider was left alone. */
  const breakerOf = (provider: string): Breaker =>
    cache.get(`breaker/${provider}`, () => (sql.breaker.get(provider) as Breaker | undefined) ?? closed)

  const openingsOf = (provider: string): number => breakerOf(provider).openings

  const bucketOf = (name: string): Bucket =>
    cache.get(`bucket/${name}`, () => (sql.bucket.get(name) as Bucket | undefined) ?? { paidUntilMs: 0, atMs: 0 })

  const waitFor = (name: string, perMinute: number, nowMs: number): number =>
    waitMsOf(bucketOf(name), perMinute / elsewhere.workers(), nowMs)

  function takeRates(need: Need, nowMs: number): void {
    for (const { name, perMinute, amount } of bucketsOf(need)) fill(name, amount, perMinute, nowMs)
  }

  function fill(name: string, amount: number, perMinute: number, nowMs: number): void {
    const bucket = take(bucketOf(name), amount, perMinute / elsewhere.workers(), nowMs)
    filled.set(name, bucket)
    cache.set(`bucket/${name}`, bucket)
  }

  function begin({ arm, provider, budget }: Need, nowMs: number): number {
    const [day, estimateUsd] = [dayOf(nowMs), budget?.estimateUsd ?? 0]
    const { lastInsertRowid } = sql.begin.run(worker, arm, provider, day, estimateUsd)
    noteCalls({ arm, provider, day, usd: estimateUsd }, 1)
    return Number(lastInsertRowid)
  }

  /** Null: we were taken for dead meanwhile, and the estimate is in the books already. */
  function finish(call: number): CallRow | null {
    const row = sql.end.get(call, worker) as CallRow | undefined
    if (row === undefined) return null
    noteCalls(row, -1)
    return row
  }

  function noteCalls({ arm, provider, day, usd }: CallRow, change: 1 | -1): void {
    cache.add(`calls/arm/${arm}`, change)
    cache.add(`calls/provider/${provider}`, change)
    cache.add(`reserved/${arm}/${day}`, change * usd)
  }

  function spend(arm: string, day: string, costUsd: number): void {
    sql.spend.run(arm, day, costUsd)
    cache.add(`spent/${arm}/${day}`, costUsd)
  }

  function hold(name: string, waitMs: number, nowMs: number): void {
    sql.hold.run(name, nowMs + waitMs, nowMs)
    cache.set(`hold/${name}`, { untilMs: nowMs + waitMs, atMs: nowMs })
  }

  function setBreaker(provider: string, failures: number, openings: number): void {
    sql.setBreaker.run(provider, failures, openings)
    cache.set(`breaker/${provider}`, { failures, openings })
  }

  function closeBreaker(provider: string): void {
    const { failures, openings } = breakerOf(provider)
    // By far the commonest case, and nothing to write.
    if (failures === 0 && openings === 0) return
    sql.closeBreaker.run(provider)
    cache.set(`breaker/${provider}`, closed)
    sql.endAbsence.run(`provider:${provider}`)
  }

  function open(provider: string, openings: number, nowMs: number): number {
    const pauseMs = Math.min(firstPauseMs * 2 ** openings, longestPauseMs)
    setBreaker(provider, 0, openings + 1)
    hold(`provider:${provider}`, pauseMs, nowMs)
    sql.startAbsence.run(`provider:${provider}`, nowMs)
    return pauseMs
  }

  beat()
  const timer = setInterval(() => unlessUnusable(beat), leaseMs / 4)
  timer.unref()

  return {
    admit: (needs, armWaitMs = Infinity) =>
      atomically(() => {
        const nowMs = now()
        const refusal = refusalOf(needs, nowMs, armWaitMs)
        if (refusal !== null) return refusal
        for (const need of needs) takeRates(need, nowMs)
        return { kind: 'admitted', calls: needs.map((need) => begin(need, nowMs)) }
      }),
    retry: (need) =>
      atomically(() => {
        const nowMs = now()
        const waits = bucketsOf(need).map(({ name, perMinute }) => waitFor(name, perMinute, nowMs))
        const waitMs = Math.max(0, heldForMs(`arm:${need.arm}`, nowMs), ...waits)
        if (waitMs === 0) takeRates(need, nowMs)
        return waitMs
      }),
    together: atomically,
    settle(call, need, { costUsd, tokens }) {
      soon(() => {
        const row = finish(call)
        if (row !== null && need.budget !== null) spend(row.arm, row.day, costUsd ?? row.usd)
        if (tokens === null) return
        for (const { name, perMinute, unit } of bucketsOf(need)) {
          if (unit === 'tokens') fill(name, tokens - need.tokens, perMinute, now())
        }
      })
    },
    hold: (held, waitMs) =>
      atomically(() => {
        const nowMs = now()
        const name = 'arm' in held ? `arm:${held.arm}` : `provider:${held.provider}`
        if (waitMs > heldForMs(name, nowMs)) hold(name, waitMs, nowMs)
      }),
    note: (provider, end) => {
      if (end === 'well') {
        soon(() => closeBreaker(provider))
        return null
      }
      return atomically(() => {
        const nowMs = now()
        const { failures, openings } = breakerOf(provider)
        // Calls that were under way when it was left alone say nothing new.
        if (heldForMs(`provider:${provider}`, nowMs) > 0) return null
        if (end === 'refused' || openings > 0 || failures + 1 >= toleratedFailures) {
          return open(provider, openings, nowMs)
        }
        setBreaker(provider, failures + 1, 0)
        return null
      })
    },
    markDone({ partition, offset }, exchangeId) {
      soon(() => void sql.markDone.run(partition, Number(offset), exchangeId))
      return Promise.resolve()
    },
    isDone: ({ partition, offset }, exchangeId) =>
      explained(db, () => sql.isDone.get(partition, Number(offset), exchangeId)) !== undefined,
    forgetBefore: ({ partition, offset }) => soon(() => void sql.forgetBefore.run(partition, Number(offset))),
    setPaused: (arm, isPaused) =>
      atomically(() => {
        cache.set(`paused/${arm}`, isPaused)
        if (isPaused) {
          sql.pause.run(arm)
          sql.startAbsence.run(`arm:${arm}`, now())
        } else {
          sql.resume.run(arm)
          sql.endAbsence.run(`arm:${arm}`)
        }
      }),
    absenceOf: (arm, provider) =>
      explained(db, () => {
        writeAll()
        cache.refresh()
        return absenceOf(arm, provider, now())
      }),
    paused: () => (sql.paused.all() as { arm: string }[]).map(({ arm }) => arm),
    spentUsd(arm) {
      writeAll()
      const day = dayOf(now())
      return usd(sql.spent.get(arm, day)) + usd(sql.reserved.get(arm, day)) + elsewhere.spentUsd(arm, day)
    },
    close() {
      clearInterval(timer)
      atomically(() => {
        sql.leave.run(worker)
        buryOrphans()
      })
      db.close()
      return Promise.resolve()
    },
  }
}

type Breaker = { failures: number; openings: number }
const closed: Breaker = { failures: 0, openings: 0 }

type CallRow = { arm: string; provider: string; day: string; usd: number }

const wait = (because: Obstacle, retryInMs: number | null): Answer => ({ kind: 'wait', because, retryInMs })
const usd = (row: unknown): number => (row as { usd: number }).usd
const count = (row: unknown): number => (row as { calls: number }).calls

function namesOf({ arm, provider }: Need): string[] {
  return [`arm:${arm}`, `provider:${provider}`]
}

type NamedBucket = { name: string; unit: 'requests' | 'tokens'; perMinute: number; amount: number }

function bucketsOf(need: Need): NamedBucket[] {
  const limits = [need.armLimits, need.providerLimits]
  return namesOf(need).flatMap((owner, index) => {
    const { requestsPerMinute, tokensPerMinute } = limits[index]!
    const buckets: NamedBucket[] = []
    if (requestsPerMinute !== undefined) {
      buckets.push({ name: `${owner}/requests`, unit: 'requests', perMinute: requestsPerMinute, amount: 1 })
    }
    if (tokensPerMinute !== undefined) {
      buckets.push({ name: `${owner}/tokens`, unit: 'tokens', perMinute: tokensPerMinute, amount: need.tokens })
    }
    return buckets
  })
}

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
