import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { randomOf } from '../../../services/cli/demo/random.ts'
import { slip } from '../../../services/cli/demo/slip.ts'
import { demoExchanges } from '../../../services/cli/demo/traffic.ts'
import { decide } from '../../../services/compare/ladder.ts'
import { aPair } from './builders.ts'

const texts = demoExchanges({ count: 700, seed: 11 }).flatMap(({ truth }) => (truth.type === 'text' ? [truth] : []))
const qualityOf = (served: string, arm: string): number => decide(aPair(served, arm)).quality

test('of recorded answers told in other words, less than one in a hundred is held against the arm', () => {
  const pairs = texts.flatMap(({ answers }) => [
    [answers[0]!, answers[1]!],
    [answers[1]!, answers[0]!],
  ])
  const flagged = pairs.filter(([served, arm]) => qualityOf(served!, arm!) < 1)
  ok(pairs.length > 500)
  ok(flagged.length < pairs.length / 100, `${flagged.length} of ${pairs.length}`)
})

test('of answers in other words with a lost "not" or an altered digit, six in seven are caught', () => {
  const slips = texts.flatMap((truth, index) => {
    const wrong = slip(truth, randomOf('slip', index))
    return wrong.type === 'text' ? [[truth.answers[0]!, wrong.answers[0]!]] : []
  })
  const caught = slips.filter(([served, arm]) => qualityOf(served!, arm!) < 1)
  ok(caught.length > (slips.length * 6) / 7, `${caught.length} of ${slips.length}`)
})
