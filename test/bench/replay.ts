import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { OpenAI } from 'openai'
import { Agent, fetch, request } from 'undici'
import { type Exchange } from '../../shared/contracts/exchange.ts'
import { silentLogger } from '../../shared/logger.ts'
import { createTransport } from '../../shared/providers/transport.ts'
import { openArms } from '../../services/replay/arms.ts'
import { createGate } from '../../services/replay/gate.ts'
import { type Arrival, rehearse } from '../../services/replay/rehearse.ts'
import { plan, replayExchange } from '../../services/replay/replay.ts'
import { openLocalState } from '../../shared/limits/local-state.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { aConfig, anExchange, tokenDollars } from '../services/replay/builders.ts'

type Options = { rounds: number; calls: number; streams: number; seconds: number }
type Load = { cpuUs: number; perSecond: number }

/**
 * What replay costs beside a call by an SDK, and by bare undici; whether one process holds so many streams, and how exact
 * calls begin at four fifths of what it can do. The provider is another process; rounds take turns in random order.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '7' },
      calls: { type: 'string', default: '2000' },
      streams: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '10' },
      out: { type: 'string', default: 'data/bench' },
    },
  })
  const options: Options = {
    rounds: Number(values.rounds),
    calls: Number(values.calls),
    streams: Number(values.streams),
    seconds: Number(values.seconds),
  }
  const provider = fork(new URL('replay/provider.ts', import.meta.url))
  const [url] = (await once(provider, 'message')) as [string]
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const place = openPlace(url, join(folder, 'state'), options.streams)
  try {
    const dispatch = await benchDispatch(place, url, options)
    // In a place of its own: its connections, idle afterwards, are no part of what comes next.
    const crowd = openPlace(url, join(folder, 'crowd'), options.streams)
    const streams = await benchStreams(crowd, options).finally(() => crowd.close())
    const paced = await benchPaced(place, options)
    report({ options, dispatch, streams, paced }, values.out)
  } finally {
    await place.close()
    provider.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Place = ReturnType<typeof openPlace>

/** One arm with a budget and rates that are never reached, so that everything is counted. */
function openPlace(url: string, file: string, concurrency: number) {
  const limits = { concurrency, requestsPerMinute: 100_000_000, tokensPerMinute: 1_000_000_000 }
  const candidates = [
    { name: 'mini', provider: 'openai', model: 'gpt-4o-mini', timeoutMs: 120_000, limits, budgetUsdPerDay: 1e9 },
  ]
  const config = aConfig({ openai: url }, { control: false, candidates })
  const transport = createTransport()
  const arms = openArms(config, transport)
  const state = openLocalState({ file })
  const gate = createGate({ state, providers: config.providers, logger: silentLogger })
  const signal = new AbortController().signal
  const tools = { gate, prices: tokenDollars, draining: signal, halted: signal }
  return {
    arms,
    replay: (exchange: Exchange) => replayExchange(exchange, arms, tools),
    async close() {
      await transport.close()
      await state.close()
    },
  }
}

async function benchDispatch(place: Place, url: string, { rounds, calls }: Options) {
  const agent = new Agent({ allowH2: false, pipelining: 1 })
  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: 'k',
    maxRetries: 0,
    logLevel: 'off',
    fetch: fetch as unknown as typeof globalThis.fetch,
  })
  const exchange = anExchange()
  const body = exchange.request.body.data!
  const subjects: Record<string, () => Promise<unknown>> = {
    replay: () => place.replay(exchange),
    // By its own fetch and undici's, as an app would.
    sdk: async () => {
      const path = '/chat/completions'
      const headers = { 'content-type': 'application/json' }
      const fetchOptions = { dispatcher: agent }
      const answer = await client.post(path, { body, headers, fetchOptions, timeout: 60_000 }).asResponse()
      await answer.arrayBuffer()
    },
    bare: async () => {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer k' }
      const { body: answer } = await request(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body,
        dispatcher: agent,
      })
      await answer.arrayBuffer()
    },
  }
  const seen: Record<string, Load[]> = { replay: [], sdk: [], bare: [] }
  // Two rounds to warm up, not counted.
  for (let round = -2; round < rounds; round++) {
    for (const name of shuffled(Object.keys(subjects))) {
      const load = await closedLoop(subjects[name]!, calls, 32)
      if (round >= 0) seen[name]!.push(load)
    }
  }
  await agent.close()
  const cpuOf = (name: string): number =>
    quantile(
      seen[name]!.map(({ cpuUs }) => cpuUs),
      0.5,
    )!
  const beyond = (name: string): number =>
    quantile(
      seen['replay']!.map(({ cpuUs }, round) => cpuUs - seen[name]![round]!.cpuUs),
      0.5,
    )! / 1000
  return {
    replayCpuMs: cpuOf('replay') / 1000,
    sdkCpuMs: cpuOf('sdk') / 1000,
    bareCpuMs: cpuOf('bare') / 1000,
    beyondSdkCpuMs: beyond('sdk'),
    beyondBareCpuMs: beyond('bare'),
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const closedLoop = (call: () => Promise<unknown>, calls: number, atOnce: number): Promise<Load> =>
  inTurns(call, (made) => made < calls, atOnce)

/** As many calls at once, one after the other, while there shall be more. */
async function inTurns(call: () => Promise<unknown>, isMore: (made: number) => boolean, atOnce: number): Promise<Load> {
  let calls = 0
  const startedAtMs = performance.now()
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (isMore(calls)) {
        calls++
        await call()
      }
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / calls, perSecond: (1000 * calls) / (performance.now() - startedAtMs) }
}

async function benchStreams(place: Place, { streams }: Options) {
  const [events, gapMs] = [20, 500]
  const exchange = anExchange({
    model: 'gpt-4o',
    stream: true,
    user: `${events}x${gapMs}`,
    messages: [{ role: 'user', content: 'Which colour is the sky?' }],
  })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const before = process.cpuUsage()
  const startedAtMs = performance.now()
  const sets = await Promise.all(Array.from({ length: streams }, () => place.replay(exchange)))
  const seconds = (performance.now() - startedAtMs) / 1000
  const { user, system } = process.cpuUsage(before)
  delay.disable()
  const whole = sets.filter(({ observations }) => observations[0]!.chunks.length === events).length
  if (whole < streams) throw new Error(`${streams - whole} of ${streams} streams did not arrive whole: the run is void`)
  return {
    streams,
    seconds,
    atOnceWouldTakeSeconds: (events * gapMs) / 1000,
    cpuMsPerStream: (user + system) / 1000 / streams,
    eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
    residentMiB: process.memoryUsage.rss() / 2 ** 20,
  }
}

/**
 * Rounds of three, all as long: what the calls can do just now, four fifths of it, what they can do now. The median of
 * the rounds in which the main thread had its core and capacity stayed what it was: where others hold the core, or the
 * processor is slower than a moment ago, how late calls begin is theirs.
 */
async function benchPaced(place: Place, { seconds }: Options): Promise<Record<string, number>> {
  const rounds = 10
  const roundMs = (1000 * seconds) / rounds
  const { questions } = plan(anExchange(), place.arms)
  const { adapter, call } = questions[0]!
  const signal = new AbortController().signal
  const ask = () => adapter.ask({ ...call, timeoutMs: 60_000, signal })
  const seen: ({ capacityPerSecond: number; capacityAfter: number } & Awaited<ReturnType<typeof pacedRound>>)[] = []
  const capacity = async (): Promise<number> => {
    const untilMs = performance.now() + roundMs
    return (await inTurns(ask, () => performance.now() < untilMs, 32)).perSecond
  }
  // Three rounds to warm up, not counted.
  for (let round = -3; round < rounds; round++) {
    const capacityPerSecond = await capacity()
    const paced = await pacedRound(ask, 0.8 * capacityPerSecond, roundMs)
    const capacityAfter = (await capacity()) / capacityPerSecond
    if (round >= 0) seen.push({ capacityPerSecond, capacityAfter, ...paced })
  }
  const onFreeCore = seen.filter(
    ({ waitedForCoreShare, capacityAfter }) => waitedForCoreShare < 0.02 && Math.abs(capacityAfter - 1) < 0.1,
  )
  const medians = (of: typeof seen): [string, number][] => {
    const names = Object.keys(seen[0]!) as (keyof (typeof seen)[0])[]
    const medianOf = (name: (typeof names)[0]) =>
      quantile(
        of.map((each) => each[name]),
        0.5,
      )
    return names.map((name) => [name, medianOf(name) ?? Number.NaN])
  }
  return {
    rounds,
    roundsOnFreeCore: onFreeCore.length,
    ...Object.fromEntries(medians(onFreeCore)),
    ...Object.fromEntries(medians(seen).map(([name, value]) => [`allRounds.${name}`, value])),
  }
}

async function pacedRound(ask: () => ReturnType<Arrival['ask']>, offeredPerSecond: number, forMs: number) {
  let offsetMs = 0
  // Random arrivals, as users make them.
  const arrivals = Array.from({ length: Math.ceil((offeredPerSecond * forMs) / 1000) }, () => {
    offsetMs += (-Math.log(1 - Math.random()) * 1000) / offeredPerSecond
    return { offsetMs, ask }
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const [waitedMs, startedAtMs] = [waitedForCoreMs(), performance.now()]
  delay.enable()
  const signal = new AbortController().signal
  const seen = await rehearse(arrivals, { speed: 1, forMs, signal, mayAsk: () => true })
  delay.disable()
  const dueMs = arrivals[Math.min(seen.calls, arrivals.length) - 1]!.offsetMs
  if (seen.errorRate > 0) throw new Error(`${100 * seen.errorRate}% of the paced calls failed: the run is void`)
  return {
    offeredPerSecond: seen.offeredPerSecond,
    // The last call's lateness is in it, so a short round asks for more than a long one.
    achievedOfRequested: seen.offeredPerSecond / ((1000 * seen.calls) / dueMs),
    calls: seen.calls,
    lateP99Ms: seen.lateP99Ms,
    mostInFlight: seen.mostInFlight,
    eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
    // A busy machine, told from a slow program.
    waitedForCoreShare: (waitedForCoreMs() - waitedMs) / (performance.now() - startedAtMs),
  }
}

/** How long the main thread was ready to run while others had the cores. */
function waitedForCoreMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

type Figures = { options: Options } & Record<'dispatch' | 'streams' | 'paced', Record<string, number>>

function report({ options, dispatch, streams, paced }: Figures, out: string): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`
  const row = (what: string, seen: number | undefined, goal: number, unit: string, isAtLeast = false): string => {
    const isKept = isAtLeast ? seen! >= goal : seen! <= goal
    const verdict = Number.isNaN(seen) ? 'not shown: no round had its core' : isKept ? 'kept' : 'missed'
    return `| ${what} | ${seen!.toFixed(isAtLeast ? 4 : 2)} ${unit} | ${isAtLeast ? '≥' : '≤'} ${goal} ${unit} | ${verdict} |`
  }
  const table = [
    `${machine}; ${options.rounds} rounds of ${options.calls} calls; load at the end ${loadavg()[0]!.toFixed(2)}`,
    '',
    '| | seen | goal | |',
    '|---|--:|--:|---|',
    row('CPU per call beyond bare undici’s', dispatch['beyondBareCpuMs'], 0.3, 'ms'),
    row('CPU per call beyond the SDK’s own', dispatch['beyondSdkCpuMs'], 0.3, 'ms'),
    row(
      `${options.streams} streams at once, seconds`,
      streams['seconds'],
      1.2 * streams['atOnceWouldTakeSeconds']!,
      's',
    ),
    row('calls begin late at 80 % of capacity, p99', paced['lateP99Ms'], 5, 'ms'),
    row('rate achieved of the rate requested there', paced['achievedOfRequested'], 0.999, '', true),
    '',
    ...Object.entries({ dispatch, streams, paced }).map(
      ([name, figures]) =>
        `${name}: ${Object.entries(figures)
          .map(([key, value]) => `${key} ${value.toFixed(2)}`)
          .join(', ')}`,
    ),
  ].join('\n')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'replay.md'), `${table}\n`)
  writeFileSync(join(out, 'replay.json'), JSON.stringify({ machine, options, dispatch, streams, paced }, null, 2))
  console.log(table)
}
