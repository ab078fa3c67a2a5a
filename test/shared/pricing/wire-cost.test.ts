import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { usageIn } from '../../../services/cli/price.ts'
import { openPriceBook } from '../../../shared/pricing/open.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { wireCases } from '../../support/wire-cases.ts'
import { checkFact } from '../dialects/facts.ts'

type Prices = Partial<Record<'input' | 'output' | 'cache_read' | 'cache_write_5m' | 'cache_write_1h', number>>
type Input = { usage: JsonObject; prices_per_mtok: Prices }

function bookOf(prices: Prices) {
  const usdPerMillionTokens = {
    input: prices.input,
    cachedInput: prices.cache_read,
    cacheWrite: prices.cache_write_5m,
    cacheWriteLong: prices.cache_write_1h,
    output: prices.output,
  }
  const row = { model: 'case', effectiveFrom: '2026-01-01', source: 'the case', usdPerMillionTokens }
  const path = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.json')
  writeFileSync(path, JSON.stringify({ prices: [row] }))
  return openPriceBook(path)
}

for (const each of wireCases<Input>('usage_cost')) {
  test(`${each.name}: ${each.title}`, () => {
    const usage = usageIn(each.input.usage)
    const call = { model: 'case', usage, at: new Date('2026-11-20'), serviceTier: null }
    const record = {
      usage: { output_total: usage.outputTokens, reasoning: usage.reasoningTokens },
      cost_usd: bookOf(each.input.prices_per_mtok).costUsd(call),
    }
    for (const fact of each.expect) checkFact(record, fact)
  })
}
