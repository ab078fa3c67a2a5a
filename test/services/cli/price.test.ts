import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { usageIn } from '../../../services/cli/price.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname

type Priced = { costUsd: number | null; unpriced: string | null; model: string; serviceTier: string | null }

function price(input: unknown, ...args: string[]) {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  const run = spawnSync(process.execPath, [program, 'price', ...args], { input: text, encoding: 'utf8' })
  return { ...run, priced: run.status === 0 ? (JSON.parse(run.stdout) as Priced) : null }
}

const near = (actual: number | null | undefined, expected: number) =>
  ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`)

test('a usage block of any dialect is one and the same usage', () => {
  const usage = {
    inputTokens: 100,
    cachedInputTokens: 40,
    cacheWriteInputTokens: null,
    cacheWriteLongInputTokens: null,
    outputTokens: 7,
    reasoningTokens: null,
  }
  deepEqual(usageIn({ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 40 } }), usage)
  deepEqual(usageIn({ input_tokens: 60, cache_read_input_tokens: 40, output_tokens: 7 }), usage)
  deepEqual(usageIn({ input_tokens: 100, input_tokens_details: { cached_tokens: 40 }, output_tokens: 7 }), usage)
  deepEqual(usageIn({ inputTokens: 100, cachedInputTokens: 40, outputTokens: 7 }), usage)
  deepEqual(usageIn({ inputTotal: 100, cacheRead: 40, outputTotal: 7 }), usage)
  throws(() => usageIn({ tokens: 5 }), /needs prompt_tokens, input_tokens or inputTokens/)
  throws(() => usageIn([]), /no usage block/)
  throws(() => usageIn({ inputTokens: 1, outputTokens: -5 }), /outputTokens is no number of tokens/)
})

test('an answer is priced by its model, its usage and its service tier', () => {
  const answer = {
    model: 'gpt-5-nano',
    service_tier: 'flex',
    usage: { prompt_tokens: 27, completion_tokens: 267, completion_tokens_details: { reasoning_tokens: 192 } },
  }
  const { priced } = price(answer, '--at', '2026-11-20')
  near(priced?.costUsd, 0.00010815 / 2)
  near(price(answer, '--at', '2026-11-20', '--service-tier', 'default').priced?.costUsd, 0.00010815)
})

test('what has no price says why, and is never 0', () => {
  const usage = { input_tokens: 1, output_tokens: 1 }
  const unknown = price(usage, '--model', 'house-7b').priced
  deepEqual([unknown?.costUsd, unknown?.unpriced], [null, 'no row names the model "house-7b"'])
  const early = price(usage, '--model', 'gpt-4o', '--at', '2020-01-01').priced
  match(early?.unpriced ?? '', /no row of "gpt-4o" is in force on 2020-01-01/)
  const tier = price(usage, '--model', 'gpt-4o', '--at', '2026-11-20', '--service-tier', 'gold').priced
  match(tier?.unpriced ?? '', /no rate for the service tier "gold"/)
})

test('what cannot be priced at all is told with its cure', () => {
  match(price({ input_tokens: 1 }).stderr, /give it with --model/)
  match(price({ input_tokens: 1 }, '--model', 'gpt-4o', '--at', 'soon').stderr, /write one such as 2026-11-20/)
  const broken = price('{', '--model', 'gpt-4o')
  equal(broken.status, 2)
  match(broken.stderr, /is not JSON/)
})
