import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Arrival, rehearse } from '../../../services/replay/rehearse.ts'
import { type ReplayArm } from '../../../services/replay/question.ts'
import { plan } from '../../../services/replay/replay.ts'
import { quantile } from '../../../shared/statistics/quantile.ts'
import { anExchange } from '../../services/replay/builders.ts'
import { inTurns } from './in-turns.ts'

type Ask = () => ReturnType<Arrival['ask']>
type Round = Awaited<ReturnType<typeof pacedRound>> & { capacityPerSecond: number; shareOfCapacity: number }

/** Each waits 20 ms for its answer: enough of them keep this process busy, and as many are under way as when paced. */
const atOnce = 256
const windowMs = 500
const windowsOfCapacity = 5
const roundMs = 1_000
const warmUpRounds = 8
/** Of fewer the median says nothing. */
const fewestJudged = 5

/** What is told beside the figures. */
export const aboutPaced =
  `capacity: what ${atOnce} calls in a closed loop reach where each answer takes 20 ms, the median of the last ${windowsOfCapacity} windows of ${windowMs} ms, one between any two rounds of ${roundMs} ms; ` +
  `judged are the rounds that had their core, with both windows beside them within 10 % of capacity, where these are ${fewestJudged} or more; shareOfCapacity is what was offered of the lower one`

/**
 * How exact calls begin at four fifths of capacity. A machine may be twice as fast at one moment as at the next, and four
 * fifths of a lucky moment more than it can do: hence the median of several windows. Judged is the median of the rounds in
 * which the main thread had its core and the windows beside them show that capacity was what it had been: where others
 * hold the core, or the processor is slower than a moment ago, how late calls begin is theirs; where it is faster, less
 * than four fifths were asked.
 */
export async function benchPaced(arms: readonly ReplayArm[], seconds: number): Promise<Record<string, number>> {
  const { questions } = plan(anExchange(), arms)
  const { adapter, call } = questions[0]!
  const signal = new AbortController().signal
  const ask = () => adapter.ask({ ...call, timeoutMs: 60_000, signal })
  const closedLoop = async (): Promise<number> => {
    const untilMs = performance.now() + windowMs
    return (await inTurns(ask, () => performance.now() < untilMs, atOnce)).perSecond
  }
  const rounds = Math.ceil((1000 * seconds) / roundMs)
  const windows = [await closedLoop()]
  const [seen, steady]: [Round[], Round[]] = [[], []]
  for (let round = -warmUpRounds; round < rounds; round++) {
    const capacityPerSecond = quantile(windows.slice(-windowsOfCapacity), 0.5)!
    const paced = await pacedRound(ask, 0.8 * capacityPerSecond)
    windows.push(await closedLoop())
    const beside = windows.slice(-2)
    const each = { capacityPerSecond, shareOfCapacity: (0.8 * capacityPerSecond) / Math.min(...beside), ...paced }
    if (round < 0) continue
    seen.push(each)
    const isSteady = beside.every((perSecond) => Math.abs(perSecond / capacityPerSecond - 1) < 0.1)
    if (isSteady && paced.waitedForCoreShare < 0.02) steady.push(each)
  }
  return {
    rounds: seen.length,
    roundsJudged: steady.length,
    ...figuresOf(steady.length < fewestJudged ? [] : steady),
    ...Object.fromEntries(Object.entries(figuresOf(seen)).map(([name, value]) => [`allRounds.${name}`, value])),
  }
}

/** Medians, and the rate over all of the rounds together. */
function figuresOf(rounds: readonly Round[]): Record<string, number> {
  const of = (name: keyof Round): number[] => rounds.map((each) => each[name])
  const median = (name: keyof Round): number => quantile(of(name), 0.5) ?? Number.NaN
  const sum = (name: keyof Round): number => of(name).reduce((total, value) => total + value, 0)
  return {
    capacityPerSecond: median('capacityPerSecond'),
    shareOfCapacity: median('shareOfCapacity'),
    offeredPerSecond: median('offeredPerSecond'),
    achievedOfRequested: sum('dueForMs') / sum('begunForMs'),
    lateP99Ms: median('lateP99Ms'),
    sentLateP99Ms: median('sentLateP99Ms'),
    mostInFlight: median('mostInFlight'),
    eventLoopDelayP99Ms: median('eventLoopDelayP99Ms'),
    waitedForCoreShare: median('waitedForCoreShare'),
  }
}

async function pacedRound(ask: Ask, perSecond: number) {
  const begunAtMs: number[] = []
  const sentLatesMs: number[] = []
  const arrivals = randomArrivals(perSecond, (dueMs) => {
    const nowMs = performance.now()
    begunAtMs.push(nowMs)
    return ask().then((reply) => {
      sentLatesMs.push(nowMs - startedAtMs - dueMs + reply.connectMs!)
      return reply
    })
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const signal = new AbortController().signal
  const [waitedMs, startedAtMs] = [waitedForCoreMs(), performance.now()]
  delay.enable()
  const seen = await rehearse(arrivals, { speed: 1, forMs: roundMs, signal, mayAsk: () => true })
  delay.disable()
  if (seen.errorRate > 0) throw new Error(`${100 * seen.errorRate}% of the paced calls failed: the run is void`)
  return {
    offeredPerSecond: seen.offeredPerSecond,
    calls: seen.calls,
    lateP99Ms: seen.lateP99Ms,
    // With the wait for a connection: when the request was written.
    sentLateP99Ms: quantile(sentLatesMs, 0.99)!,
    // From the first call to the last.
    dueForMs: arrivals[seen.calls - 1]!.offsetMs - arrivals[0]!.offsetMs,
    begunForMs: begunAtMs.at(-1)! - begunAtMs[0]!,
    mostInFlight: seen.mostInFlight,
    eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
    // A busy machine, told from a slow program.
    waitedForCoreShare: (waitedForCoreMs() - waitedMs) / (performance.now() - startedAtMs),
  }
}

/** As users make them, and for longer than the round: a recording that ends begins anew. */
function randomArrivals(perSecond: number, ask: (dueMs: number) => ReturnType<Ask>): Arrival[] {
  const arrivals: Arrival[] = []
  for (let offsetMs = 0; offsetMs <= roundMs;) {
    offsetMs += (-Math.log(1 - Math.random()) * 1000) / perSecond
    const dueMs = offsetMs
    arrivals.push({ offsetMs: dueMs, ask: () => ask(dueMs) })
  }
  return arrivals
}

/** How long the main thread was ready to run while others had the cores. */
function waitedForCoreMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}
