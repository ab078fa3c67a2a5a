import { stringify } from 'yaml'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { type Kind, kinds } from './kinds.ts'
import { candidates } from './models.ts'
import { demoApiKey } from './world.ts'

export type DemoConfigOptions = {
  /** Roots of the pretend providers, without `/v1`. */
  providerUrls: { openai: string; anthropic: string }
  ports: { tap: number; report: number; store: number }
}

/** So many requests let every verdict below come out, in about a minute. */
export const demoSize = 600

/** What each candidate was built to deserve. */
export const rightVerdicts: Record<string, Verdict['verdict']> = {
  equivalent: 'go',
  subtle: 'no_go',
  fenced: 'no_go',
  flaky: 'no_go',
}

/** For people who ask why so many requests, and why these margins. */
export const whyThisSize = [
  `${demoSize} requests, because evidence has its price: even two models that never differ need about 130 conversations`,
  'to prove a quality margin of 4 %, and the subtle candidate, wrong in one answer of eight, about 400 to be found out',
  'in 99 runs of 100. The margins are wider and the latency margin is narrower than production would have them.',
]

/**
 * Margins by the planning formulas of the sequential test, for 600 requests in about 580 conversations, so that each
 * candidate gets its right verdict with 19 seeds of 20 and more (a test draws them).
 *
 * quality 4 %: the equivalent model and the control slip in 0.5 % of their answers each, so sd(Y) is about 0.1 and GO
 * is planned at 210 units; sd 0.2 would still do with 550. The subtle model is seen to be wrong in 11 %: at 0.04 a unit
 * gains about 0.027 nats against it, 600 gain 16, and Holm over six blocking gates asks for ln(6 / 0.05) = 4.8.
 * errors 3 %, ceiling 6 %: without any error, 5.3 / ln(1 + 0.9 · 0.03 / 0.97) = 193 units prove the margin; 12 % of
 * failures are far outside both.
 * ttftP50 30 ms: the pretend models answer in 25 to 65 ms, so production's 200 ms would let the slow one pass.
 * ttftP95 does not block: the first 400 latencies fix theta, and too few are left to prove a p95.
 * cost 2 %: every candidate is cheaper by half and more.
 * minDays 0: a demo has no three days.
 */
const gates = {
  quality: { relative: 0.04 },
  errors: { absolute: 0.03, ceiling: 0.06 },
  ttftP50: { relative: 0.2, absoluteMs: 30 },
  ttftP95: { relative: 0.2, absoluteMs: 60, blocking: false },
  totalP95: { relative: 0.2, absoluteMs: 60, blocking: false },
  cost: { relative: 0.02 },
  minDays: 0,
}

/** Alike for all arms, so that none waits for another. */
const limits = { concurrency: 12 }

/** The demo's config as YAML. Log and store lie beside the file. */
export function demoConfig({ providerUrls, ports }: DemoConfigOptions): string {
  const { openai, anthropic } = providerUrls
  const config = {
    tap: {
      listen: `127.0.0.1:${ports.tap}`,
      upstreams: {
        openai: { dialect: 'openai', baseUrl: openai },
        anthropic: { dialect: 'anthropic', baseUrl: anthropic },
      },
    },
    log: { embedded: './log/log.db' },
    store: { embedded: './store', listen: `127.0.0.1:${ports.store}` },
    routes: (Object.keys(kinds) as Kind[]).map((kind) => ({
      name: kind,
      match: { headers: { 'x-understudy-route': kind } },
      task: kinds[kind].task,
    })),
    providers: {
      openai: { dialect: 'openai', baseUrl: `${openai}/v1`, apiKey: demoApiKey },
      anthropic: { dialect: 'anthropic', baseUrl: anthropic, apiKey: demoApiKey },
    },
    control: { provider: 'openai', timeoutMs: 10_000, limits },
    candidates: Object.entries(candidates).map(([name, { provider, model }]) => ({
      name,
      provider,
      model,
      timeoutMs: 10_000,
      limits,
    })),
    gates,
    report: { listen: `127.0.0.1:${ports.report}` },
  }
  return `# The demo's own config: pretend providers on this machine, real everything else.\n${stringify(config)}`
}
