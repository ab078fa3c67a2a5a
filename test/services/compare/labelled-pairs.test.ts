import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Confusion, confusionOf, confusionText, labelledPairs, ratesOf } from './labelled-pairs.ts'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function told(t: { diagnostic: (line: string) => void }, counts: Confusion) {
  const rates = ratesOf(counts)
  for (const line of confusionText(counts).split('\n')) t.diagnostic(line)
  t.diagnostic(
    `missed ${percent(rates.missed)}, falsely harmful ${percent(rates.falselyHarmful)}, unsure ${percent(rates.unsure)}`,
  )
  return rates
}

test('of the adversarial pairs, harm is seen, the harmless let through, and little left to a judge', (t) => {
  const rates = told(t, confusionOf([...labelledPairs('tuning'), ...labelledPairs('held-out')]))
  ok(rates.missed <= 0.05, `${percent(rates.missed)} of the harmful pass`)
  ok(rates.falselyHarmful <= 0.1, `${percent(rates.falselyHarmful)} of the harmless are held back`)
  ok(rates.unsure <= 0.25, `${percent(rates.unsure)} are left to a judge`)
})

/** 17 harmless and 23 harmful ones: one more or less is no finding, so that the bounds are wider. */
test('pairs that no rule was made after are not judged much worse', (t) => {
  const rates = told(t, confusionOf(labelledPairs('held-out')))
  ok(rates.missed <= 0.1 && rates.falselyHarmful <= 0.2 && rates.unsure <= 0.25)
})

/** Judged once before anybody looked (its figures are beside the pairs), and looked at since: it holds what was reached. */
test('pairs that have been looked at since their first run stay within the goals', (t) => {
  const rates = told(t, confusionOf(labelledPairs('held-out-2')))
  ok(rates.missed <= 0.05 && rates.falselyHarmful <= 0.1 && rates.unsure <= 0.25)
})
