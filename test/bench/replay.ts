import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
import { replayExchange } from '../../services/replay/replay.ts'
import { openLocalState } from '../../shared/limits/local-state.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { anExchange, tokenDollars } from '../services/replay/builders.ts'
import { inTurns, type Load } from './replay/in-turns.ts'
import { oneArm } from './replay/one-arm.ts'
import { aboutPaced } from './replay/paced.ts'
import { type Urls } from './replay/urls.ts'

type Options = { rounds: number; calls: number; streams: number; seconds: number }

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
      seconds: { type: 'string', default: '30' },
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
  const [urls] = (await once(provider, 'message')) as [Urls]
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const place = openPlace(urls.whole, join(folder, 'state'), options.streams)
  try {
    const dispatch = await benchDispatch(place, urls.whole, options)
    // In a place of its own: its connections, idle afterwards, are no part of what comes next.
    const crowd = openPlace(urls.streams, join(folder, 'crowd'), options.streams)
    const streams = await benchStreams(crowd, options).finally(() => crowd.close())
    const paced = await pacedApart(urls.later, options)
    report({ options, dispatch, streams, paced }, values.out)
  } finally {
    await place.close()
    provider.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function pacedApart(url: string, { streams, seconds }: Options): Promise<Record<string, number>> {
  const args = [url, String(streams), String(seconds)]
  // `advanced` knows NaN.
  const child = fork(new URL('replay/paced-process.ts', import.meta.url), args, { serialization: 'advanced' })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the paced calls ended with exit code ${code} and without figures: lines above may say why`)
  })
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [Record<string, number>]
  return figures
}

type Place = ReturnType<typeof openPlace>

function openPlace(url: string, file: string, concurrency: number) {
  const config = oneArm(url, concurrency)
  const transport = createTransport()
  const arms = openArms(config, transport)
  const state = openLocalState({ file })
  const gate = createGate({ state, providers: config.providers, logger: silentLogger })
  const signal = new AbortController().signal
  const tools = { gate, prices: tokenDollars, draining: signal, halted: signal }
  return {
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
      const load = await inTurns(subjects[name]!, (made) => made < calls, 32)
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

type Figures = { options: Options } & Record<'dispatch' | 'streams' | 'paced', Record<string, number>>

function report({ options, dispatch, streams, paced }: Figures, out: string): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`
  const row = (what: string, seen: number | undefined, goal: number, unit: string, isAtLeast = false): string => {
    const isKept = isAtLeast ? seen! >= goal : seen! <= goal
    const verdict = Number.isNaN(seen) ? 'not shown: too few rounds could be judged' : isKept ? 'kept' : 'missed'
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
    aboutPaced,
  ].join('\n')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'replay.md'), `${table}\n`)
  writeFileSync(join(out, 'replay.json'), JSON.stringify({ machine, options, dispatch, streams, paced }, null, 2))
  console.log(table)
}
