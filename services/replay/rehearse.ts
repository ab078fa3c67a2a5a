import { setImmediate as nextTurn } from 'node:timers/promises'
import { type GatesConfig } from '../../shared/config/schema.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { type Reply } from '../../shared/providers/adapter.ts'
import { rule } from '../../shared/providers/failures.ts'
import { onAbort } from '../../shared/providers/on-abort.ts'

/** One call to be made, so long after the first one of the recording. */
export type Arrival = { offsetMs: number; ask: (signal: AbortSignal) => Promise<Reply> }

export type RehearsalOptions = {
  speed: number
  forMs: number
  /** False ends the rehearsal: the budget is spent. */
  mayAsk: () => boolean
  signal: AbortSignal
  nowMs?: () => number
}

const longestTurnMs = 1

/** What a provider did with an offered load. */
export type Rehearsal = {
  speed: number
  offeredPerSecond: number
  answeredPerSecond: number
  calls: number
  failures: Record<string, number>
  errorRate: number
  ttftP50Ms: number | null
  ttftP95Ms: number | null
  mostInFlight: number
  /** How late calls began: more than a few milliseconds, and this machine was the bottleneck. */
  lateP99Ms: number
  budgetReached: boolean
}

/**
 * Calls begin when the recording says, faster by `speed`, whether or not earlier ones have ended: a provider that slows
 * down meets the same load as one that does not. A recording that is too short begins anew.
 */
export async function rehearse(arrivals: readonly Arrival[], options: RehearsalOptions): Promise<Rehearsal> {
  const { speed, forMs, mayAsk, signal, nowMs = () => performance.now() } = options
  const failures: Record<string, number> = {}
  const [ttftsMs, latesMs]: [number[], number[]] = [[], []]
  let [inFlight, mostInFlight, answered, budgetReached] = [0, 0, 0, false]
  // Whoever waits is woken by the signal; a listener for each of thousands of waits would cost more than they do.
  let wake = (): void => {}
  let allEnded = (): void => {}
  const leave = onAbort(signal, () => wake())
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const due = timetable(arrivals, speed, forMs)
  const startedAtMs = nowMs()
  let turn = 0
  let next = following()

  function following(): Due | null {
    if (signal.aborted) return null
    const { value, done } = due.next()
    return done === true ? null : value
  }

  const untilNextMs = (): number => (next === null ? 0 : startedAtMs + next.dueMs - nowMs())

  /** False: nothing is due, or nothing will be any more. */
  function beginNext(): boolean {
    if (signal.aborted) next = null
    const lateMs = -untilNextMs()
    if (next === null || lateMs < 0) return false
    budgetReached = !mayAsk()
    if (budgetReached) {
      next = null
      return false
    }
    latesMs.push(lateMs)
    begin(next.arrival)
    next = following()
    return true
  }

  function begin(arrival: Arrival): void {
    inFlight++
    mostInFlight = Math.max(mostInFlight, inFlight)
    // What fails to be asked at all fails because we stop.
    const begunIn = turn
    const end = (): void => ended(begunIn)
    arrival
      .ask(signal)
      .then(note, () => {})
      .then(end, end)
  }

  function note(reply: Reply): void {
    const ruling = rule(reply)
    if (ruling.outcome === 'answered') {
      answered++
      if (reply.ttftMs !== null) ttftsMs.push(reply.ttftMs)
      return
    }
    const why = ruling.outcome === 'failed' ? ruling.failureKind : ruling.notAskedReason
    failures[why] = (failures[why] ?? 0) + 1
  }

  function ended(begunIn: number): void {
    inFlight--
    if (inFlight === 0) allEnded()
    // Answers come in bursts: what falls due during one does not wait for its end. Only an answer to an earlier turn
    // begins the next call, so that calls which end at once leave the others their turn.
    if (begunIn !== turn) beginNext()
  }

  while (next !== null) {
    const waitMs = untilNextMs()
    if (waitMs > 0) await sleep(waitMs)
    else await nextTurn()
    turn++
    const turnedAtMs = nowMs()
    // However late calls are, answers are read between them: unread, they would be what makes the next ones late.
    while (nowMs() - turnedAtMs <= longestTurnMs && beginNext());
  }
  const offeredSeconds = Math.max(nowMs() - startedAtMs, 1) / 1000
  leave()
  if (inFlight > 0) await new Promise<void>((resolve) => (allEnded = resolve))
  const seconds = Math.max(nowMs() - startedAtMs, 1) / 1000
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
  return {
    speed,
    offeredPerSecond: latesMs.length / offeredSeconds,
    answeredPerSecond: answered / seconds,
    calls: latesMs.length,
    failures,
    errorRate: answered + failed === 0 ? 0 : failed / (answered + failed),
    ttftP50Ms: quantile(ttftsMs, 0.5),
    ttftP95Ms: quantile(ttftsMs, 0.95),
    mostInFlight,
    lateP99Ms: quantile(latesMs, 0.99) ?? 0,
    budgetReached,
  }
}

type Due = { arrival: Arrival; dueMs: number }

function* timetable(arrivals: readonly Arrival[], speed: number, forMs: number): Generator<Due, undefined> {
  const lastMs = arrivals.at(-1)?.offsetMs ?? 0
  // One more gap of mean length, so that the end and the next beginning do not fall together.
  const roundMs = lastMs + (arrivals.length > 1 ? lastMs / (arrivals.length - 1) : 1000)
  for (let round = 0; arrivals.length > 0; round++) {
    for (const arrival of arrivals) {
      const dueMs = (round * Math.max(roundMs, 1) + arrival.offsetMs) / speed
      if (dueMs >= forMs) return
      yield { arrival, dueMs }
    }
  }
}

export type ServedTtft = { p50Ms: number | null; p95Ms: number | null }

/** The gates of the config that this load breaks. Absent data keeps no gate. */
export function brokenGates(
  { ttftP50Ms, ttftP95Ms, errorRate }: Rehearsal,
  served: ServedTtft,
  gates: GatesConfig,
): string[] {
  const isSlow = (
    ms: number | null,
    servedMs: number | null,
    { relative, absoluteMs }: GatesConfig['ttftP50'],
  ): boolean => ms === null || servedMs === null || ms > Math.max((1 + relative) * servedMs, servedMs + absoluteMs)
  return [
    ...(isSlow(ttftP50Ms, served.p50Ms, gates.ttftP50) ? ['ttftP50'] : []),
    ...(isSlow(ttftP95Ms, served.p95Ms, gates.ttftP95) ? ['ttftP95'] : []),
    ...(errorRate > gates.errors.ceiling ? ['errors'] : []),
  ]
}

/** The highest load of all those, from the lowest on, that keep the gates; null: not even the lowest does. */
export function highestThatHolds(
  rehearsals: readonly Rehearsal[],
  served: ServedTtft,
  gates: GatesConfig,
): Rehearsal | null {
  let highest: Rehearsal | null = null
  for (const each of rehearsals.toSorted((a, b) => a.offeredPerSecond - b.offeredPerSecond)) {
    if (brokenGates(each, served, gates).length > 0) break
    highest = each
  }
  return highest
}
