import { equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Usage } from '../../../shared/contracts/answer.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { type PricedCall } from '../../../shared/pricing/price-book.ts'

const book = openPriceBook('builtin')
const at = new Date('2026-11-20T12:00:00Z')

const usage = (counts: Partial<Usage>): Usage => ({
  inputTokens: 1_000_000,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  cacheWriteLongInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: null,
  ...counts,
})

const cost = (model: string, counts: Partial<Usage>, serviceTier: string | null = null, when = at) =>
  book.costUsd({ model, usage: usage(counts), at: when, serviceTier })

const near = (actual: number | null, expected: number) => {
  ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)
}

function fileWith(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.yaml')
  writeFileSync(path, content)
  return path
}

const row = (fields: string) => `prices:\n  - ${fields.replaceAll('\n', '\n    ')}\n`
const house = 'model: house-7b\neffectiveFrom: 2026-01-01\nsource: us\nusdPerMillionTokens: {input: 1, output: 2}'

const priced = (content: string, model: string) =>
  openPriceBook(fileWith(content)).costUsd({ model, usage: usage({}), at, serviceTier: null })

test('cached reads, writes and long writes each have their own rate', () => {
  near(cost('gpt-4o', { cachedInputTokens: 400_000, outputTokens: 100_000 }), 0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10)
  const counts = { cachedInputTokens: 500_000, cacheWriteInputTokens: 300_000, cacheWriteLongInputTokens: 100_000 }
  near(cost('claude-haiku-4-5', counts), 0.2 * 1 + 0.5 * 0.1 + 0.2 * 1.25 + 0.1 * 2)
})

test('a prompt above 200,000 tokens makes every token of the older Sonnets dearer', () => {
  near(cost('claude-sonnet-4-5-20250929', { inputTokens: 200_000, outputTokens: 500 }), 0.2 * 3 + 0.0005 * 15)
  near(cost('claude-sonnet-4-5-20250929', { inputTokens: 200_001, outputTokens: 500 }), 0.200_001 * 6 + 0.0005 * 22.5)
})

test('a dated snapshot is priced by the row of its family, unless it has its own', () => {
  near(cost('gpt-4o-2024-08-06', {}), 2.5)
  near(cost('claude-haiku-4-5-20251001', {}), 1)
  near(cost('gpt-4o-2024-05-13', {}), 5)
})

test('a model without a row, or without one on that day, is unpriced', () => {
  equal(cost('house-7b', {}), null)
  equal(cost('gpt-4o-audio', {}), null)
  equal(cost('gpt-4o', {}, null, new Date('2020-01-01')), null)
  equal(cost('claude-sonnet-5', {}, null, new Date('2026-09-01T00:00:00Z')), null)
  equal(cost('gpt-4o', {}, null, new Date(Number.NaN)), null)
  equal(cost('__proto__', {}), null)
})

test('a call is priced by the row of its day', () => {
  near(cost('gpt-5.6-terra', {}, null, new Date('2026-07-29T23:59:59.999Z')), 2.5)
  near(cost('gpt-5.6-terra', {}, null, new Date('2026-07-30T00:00:00.000Z')), 2)
})

test('a long prompt raises the rate of every token', () => {
  near(cost('gpt-5.4', { inputTokens: 272_000 }), 0.272 * 2.5)
  near(cost('gpt-5.4', { inputTokens: 272_001, outputTokens: 1_000 }), 0.272001 * 5 + 0.001 * 22.5)
})

test('the service tier of the answer multiplies, and an unknown one leaves the call unpriced', () => {
  near(cost('gpt-5', {}, 'flex'), 0.625)
  near(cost('gpt-5', {}, 'default'), 1.25)
  near(cost('claude-opus-4-8', {}, 'standard'), 5)
  equal(cost('claude-opus-4-8', {}, 'priority'), null)
  equal(cost('gpt-5', {}, 'constructor'), null)
})

test('an unknown count or rate is never taken for nothing', () => {
  equal(cost('gpt-4o', { inputTokens: null }), null)
  equal(cost('gpt-4o', { outputTokens: null }), null)
  equal(cost('gpt-4o', { cacheWriteInputTokens: 10 }), null)
  equal(cost('claude-fable-5-2', { cacheWriteInputTokens: 10, cacheWriteLongInputTokens: 10 }), null)
  equal(cost('gpt-4o', { inputTokens: 5, cachedInputTokens: 6 }), null)
})

test('cache counts that the provider left out price their tokens in full', () => {
  near(cost('claude-opus-4-5', { cachedInputTokens: null, cacheWriteInputTokens: null }), 5)
})

test('reasoning has its own rate where the row has one, and is still counted once', () => {
  const content = row(house.replace('output: 2', 'output: 2, reasoning: 4'))
  const book = openPriceBook(fileWith(content))
  const counts = usage({ inputTokens: 0, outputTokens: 1_000_000, reasoningTokens: 250_000 })
  near(book.costUsd({ model: 'house-7b', usage: counts, at, serviceTier: null }), 0.75 * 2 + 0.25 * 4)
})

test('a model on own machines is priced by their hours and what they were measured to handle', () => {
  const own = `model: house-7b
effectiveFrom: 2026-01-01
source: load test of 2026-11-01
selfHosted: {usdPerGpuHour: 3.6, gpus: 2, tokensPerSecond: {input: 10000, output: 1000}, outputShare: 0.75}`
  const book = openPriceBook(fileWith(row(own)))
  const counts = usage({ inputTokens: 1_000_000, outputTokens: 1_000_000 })
  // 0.002 USD a second: a quarter of it for 100 s of reading, the rest for 1,000 s of writing.
  near(book.costUsd({ model: 'house-7b', usage: counts, at, serviceTier: null }), 0.05 + 1.5)
  const neither = 'model: house-7b\neffectiveFrom: 2026-01-01\nsource: us'
  throws(() => openPriceBook(fileWith(row(neither))), /say either usdPerMillionTokens or selfHosted/)
})

test('what each call costs besides its tokens is added, and no tier multiplies it', () => {
  const content = row(`${house}\nusdPerRequest: 0.01\nserviceTiers: {batch: 0.5}`)
  const book = openPriceBook(fileWith(content))
  near(book.costUsd({ model: 'house-7b', usage: usage({}), at, serviceTier: 'batch' }), 0.5 + 0.01)
})

test('a cost comes with its parts, and a missing one with its reason', () => {
  const call: PricedCall = { model: 'gpt-4o', usage: usage({ cachedInputTokens: 400_000 }), at, serviceTier: null }
  const { parts, costUsd, row: priced, unpriced } = book.explain(call)
  near(
    parts.reduce((sum, part) => sum + (part.usd ?? 0), 0),
    costUsd!,
  )
  equal(priced?.model, 'gpt-4o')
  equal(unpriced, null)
  const reasons: [Partial<PricedCall>, RegExp][] = [
    [{ model: 'house-7b' }, /no row names the model/],
    [{ at: new Date('2020-01-01') }, /in force on 2020-01-01/],
    [{ serviceTier: 'gold' }, /service tier "gold"/],
    [{ usage: usage({ inputTokens: null }) }, /input tokens is unknown/],
    [{ usage: usage({ outputTokens: null }) }, /output tokens is unknown/],
    [{ usage: usage({ cacheWriteInputTokens: 5 }) }, /no rate for cacheWrite/],
    [{ usage: usage({ cachedInputTokens: 2_000_000 }) }, /contradict each other/],
  ]
  for (const [change, why] of reasons) {
    const cost = book.explain({ ...call, ...change })
    equal(cost.costUsd, null)
    match(cost.unpriced ?? '', why)
  }
})

test('the built-in table knows the models of the common vendors', () => {
  near(cost('gemini-2.5-pro', { inputTokens: 300_000, outputTokens: 1_000_000 }), 0.75 + 15)
  near(cost('gemini-3.8-flash', {}), 0.75)
  near(cost('gemini-3.8-flash', {}, null, new Date('2027-01-01T00:00:00Z')), 1.5)
  near(cost('mistral-large-2512', { cachedInputTokens: 500_000 }), 0.275)
  near(cost('mistral-medium-latest', {}), 1.5)
  near(cost('deepseek-v4-flash', { outputTokens: 1_000_000 }), 0.42)
  equal(cost('deepseek-chat', {}), null)
  near(cost('grok-4-1-fast-reasoning', {}), 0.2)
  near(cost('kimi-k2.6', {}), 0.95)
})

test('an embedding needs no output tokens', () => near(cost('text-embedding-3-small', { outputTokens: null }), 0.02))

test('a file replaces the built-in table, or adds to it where it says so', () => {
  equal(priced(row(house), 'house-7b'), 1)
  equal(priced(row(house), 'gpt-4o'), null)
  equal(priced(`extends: builtin\n${row(house)}`, 'gpt-4o'), 2.5)
  equal(priced(row(house.replace('house-7b', '"house-*"')), 'house-70b'), 1)
  equal(priced(`extends: builtin\n${row(house.replace('house-7b', 'gpt-4o'))}`, 'gpt-4o-2024-08-06'), 1)
})

test('a bad table stops at open and names the row and the cure', () => {
  const refusals: [string, RegExp][] = [
    [
      row(house.replace('input: 1', 'input: 0.0000025')),
      /row 1 \(house-7b\) {2}usdPerMillionTokens\.input .*per million/,
    ],
    [row(house.replace('input: 1', 'input: "1"')), /row 1 \(house-7b\) {2}usdPerMillionTokens\.input/],
    [row(house.replace('2026-01-01', 'January')), /row 1 \(house-7b\) {2}effectiveFrom .*2026-07-24/],
    [row(`${house}\neffectiveTo: 2025-01-01`), /row 1 .*later than effectiveFrom/],
    [row(`${house}\ncachedinput: 1`), /row 1 .*cachedinput/],
    [`${row(house)}  - ${house.replaceAll('\n', '\n    ')}\n`, /house-7b .*must end \(effectiveTo\) by 2026-01-01/],
    ['prices: []', /name at least one model/],
    ['just words', /not usable/],
    ['prices: [', /cannot be read/],
  ]
  for (const [content, expected] of refusals) {
    throws(
      () => openPriceBook(fileWith(content)),
      (err) => {
        ok(err instanceof UnderstudyError)
        equal(err.code, 'PRICES_INVALID')
        match(err.message, expected)
        return true
      },
    )
  }
  throws(() => openPriceBook('/nowhere/prices.yaml'), { code: 'PRICES_INVALID' })
})

test('a price table has a version that changes with any price in it', () => {
  const versionOf = (fields: string) => openPriceBook(fileWith(row(fields))).version()

  equal(openPriceBook('builtin').version(), book.version())
  equal(versionOf(house), versionOf(house))
  notEqual(versionOf(house), versionOf(house.replace('output: 2', 'output: 3')))
  notEqual(versionOf(house), book.version())
})
