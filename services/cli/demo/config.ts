import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Kind, kinds } from './kinds.ts'
import { candidates } from './models.ts'
import { demoApiKey } from './world.ts'

export type DemoConfigOptions = {
  /** Where the log and the store go. */
  folder: string
  /** Roots of the pretend providers, without `/v1`. */
  providerUrls: { openai: string; anthropic: string }
  ports: { tap: number; report: number; store: number }
}

/** So many requests let every right verdict come out, in about a minute. */
export const demoExchangeCount = 760

/**
 * Margins by the planning formulas of the sequential test, for 760 requests in about 740 conversations, so that each
 * candidate gets its right verdict with 19 seeds of 20 and more (a test draws them).
 *
 * quality 3 %, the default: the equivalent model and the control slip in 0.5 % of their answers each, so sd(Y) is about
 * 0.1 and GO is planned at 330 units (95 % power). The subtle model slips in 12 %; as a wrong field is only a part of its
 * document, that costs it about 0.09 of quality. E[Y] is -0.06 then with sd 0.29: Holm over six blocking gates asks for
 * ln(6 / 0.05) = 4.8, which is planned at 670 units.
 * errors 3 %, ceiling 6 %: without any error, 5.3 / ln(1 + 0.9 · 0.03 / 0.97) = 193 units prove the margin; 12 % of
 * failures are far outside both.
 * ttftP50 30 ms: the pretend models answer in 25 to 65 ms, so production's 200 ms would let the slow one pass.
 * ttftP95 does not block: the first 400 latencies fix theta, and too few are left to prove a p95.
 * cost 2 %: every candidate is cheaper by half and more.
 * minDays 0: a demo has no three days.
 */
const gates = {
  quality: { relative: 0.03 },
  errors: { absolute: 0.03, ceiling: 0.06 },
  ttftP50: { relative: 0.2, absoluteMs: 30 },
  ttftP95: { relative: 0.2, absoluteMs: 60, blocking: false },
  totalP95: { relative: 0.2, absoluteMs: 60, blocking: false },
  cost: { relative: 0.02 },
  minDays: 0,
}

/** Alike for all arms, so that none waits for another. */
const limits = { concurrency: 12 }

/** The demo's config as YAML. */
export function demoConfig({ folder, providerUrls, ports }: DemoConfigOptions): string {
  const { openai, anthropic } = providerUrls
  const config = {
    tap: {
      listen: `127.0.0.1:${ports.tap}`,
      ops: false,
      upstreams: {
        openai: { dialect: 'openai', baseUrl: openai },
        anthropic: { dialect: 'anthropic', baseUrl: anthropic },
      },
    },
    log: { embedded: join(folder, 'log.db') },
    store: { embedded: join(folder, 'store'), listen: `127.0.0.1:${ports.store}` },
    routes: (Object.keys(kinds) as Kind[]).map((kind) => ({
      name: kind,
      match: { headers: { 'x-understudy-route': kind } },
      task: kinds[kind].task,
      ...(kind === 'grounded' ? { grounded: true } : {}),
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
    ops: false,
    report: { listen: `127.0.0.1:${ports.report}` },
  }
  return `# The demo's own config: pretend providers on this machine, real everything else.\n${stringify(config)}`
}
