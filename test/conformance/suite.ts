import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { tapFetch, type Fetch } from '../../services/tap/fetch.ts'
import { startTestTap } from '../services/tap/tap-kit.ts'
import { strangersAsked } from './loopback.ts'
import { comparable, sentHeaders } from './plain.ts'
import { startProvider, type Provider } from './provider.ts'
import { scenarios, titles, type Kind, type Scenario } from './scenarios.ts'

/** One thing that a client is to do. */
export type Call = Pick<Scenario, 'maxRetries' | 'timeoutMs'> & {
  /** Where the provider is, as far as the client knows: what stands for `https://api.openai.com`. */
  baseUrl: string
  model: string
  signal: AbortSignal
  /** What the client is to fetch with, where that is not its own affair. */
  fetch: Fetch | undefined
  /** Keeps what the client gave: an answer, or each event. */
  got(value: unknown): void
}

/** A client, and how each kind of scenario is put to it. */
export type Speaker = {
  name: string
  upstream: 'openai' | 'anthropic'
  /** The family of model names: clients look at it. */
  model: string
  kinds: Partial<Record<Kind, ((call: Call) => Promise<void>) | undefined>>
  /** Titles of scenarios that the client has no means for. */
  lacks?: readonly string[]
}

/** Where a client is sent, and the provider that it reaches there. */
type Place = { baseUrl: string; provider: Provider; fetch?: Fetch }

/** Runs every scenario twice, directly and through a tap, and holds one against the other. */
export function conform(speaker: Speaker, through = placeBehindTap): void {
  for (const title of speaker.lacks ?? []) ok(titles.has(title), `there is no scenario "${title}"`)
  test(`${speaker.name}: through the tap as directly`, { concurrency: 6 }, async (context) => {
    const direct = await placeOf(context)
    const tapped = await through(context, speaker.upstream)
    const can = scenarios.filter(({ title, kind }) => speaker.kinds[kind] && !speaker.lacks?.includes(title))
    await Promise.all(
      can.map((scenario) =>
        context.test(scenario.title, { timeout: 30_000 }, async () => {
          const [there, through] = await Promise.all([run(speaker, scenario, direct), run(speaker, scenario, tapped)])
          hold(scenario, there, through)
        }),
      ),
    )
    deepEqual(strangersAsked, [])
  })
}

async function placeOf(context: TestContext): Promise<Place> {
  const provider = await startProvider(context)
  return { baseUrl: provider.url, provider }
}

async function placeBehindTap(context: TestContext, upstream: Speaker['upstream']): Promise<Place> {
  const provider = await startProvider(context)
  const tap = await startTestTap(context, provider.url)
  return { baseUrl: `${tap.url}/${upstream}`, provider }
}

/** The client knows nothing of the tap: its `fetch` does. The name that it asks for leads nowhere. */
export async function placeBehindTapFetch(context: TestContext, upstream: Speaker['upstream']): Promise<Place> {
  const provider = await startProvider(context)
  const tap = await startTestTap(context, provider.url)
  const baseUrl = 'http://provider.invalid'
  return { baseUrl, provider, fetch: tapFetch({ tap: tap.url, upstreams: { [upstream]: baseUrl } }) }
}

type Run = { got: unknown; error: unknown; requests: unknown[]; ends: string[] }

async function run(speaker: Speaker, scenario: Scenario, { baseUrl, provider, fetch }: Place): Promise<Run> {
  const { kind, title, abort, maxRetries, timeoutMs } = scenario
  const model = `${speaker.model}/${scenario.provider}/${title.replaceAll(' ', '-')}`
  const controller = new AbortController()
  const got: unknown[] = []
  const keep = (value: unknown) => {
    if (controller.signal.aborted) return
    got.push(value)
    if (got.length === abort) controller.abort()
  }
  if (abort === 'on arrival') void provider.arrived(model).then(() => controller.abort())
  const call: Call = { baseUrl, model, maxRetries, timeoutMs, signal: controller.signal, fetch, got: keep }
  const error = await speaker.kinds[kind]!(call).then(
    () => null,
    (err: unknown) => err,
  )
  const seen = provider.seen(model)
  return {
    got: comparable(got, baseUrl),
    error: comparable(error, baseUrl),
    requests: seen.map(({ method, url, rawHeaders, body }) => ({
      method,
      url,
      headers: sentHeaders(rawHeaders),
      body,
    })),
    ends: await Promise.all(seen.map(({ end }) => Promise.race([end, sleep(5_000, 'open', { ref: false })]))),
  }
}

function hold(scenario: Scenario, there: Run, through: Run): void {
  const { attempts, fails, leaves, isReset } = scenario
  ok(there.requests.length > 0, 'the provider was asked')
  if (attempts !== null) equal(there.requests.length, attempts, JSON.stringify(there.error))
  if (fails !== null) equal(there.error !== null, fails, JSON.stringify(there.error))
  if (leaves) deepEqual([...there.ends, ...through.ends], Array(there.ends.length * 2).fill('left'))
  deepEqual(through.requests, there.requests)
  equal(through.error === null, there.error === null)
  if (isReset) return
  deepEqual(through.got, there.got)
  deepEqual(through.error, there.error)
}
