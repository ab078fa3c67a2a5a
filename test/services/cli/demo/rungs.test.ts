import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Gates } from '../../../../shared/config/schema.ts'
import { rehearsedComparisons } from './rehearsal.ts'

const { divergence } = Gates.parse({})

const comparisons = rehearsedComparisons({ count: 760, seed: 1, busyMs: 0 }).filter(({ arm }) => arm === 'subtle')

/** Of the pairs of a route: how many the rung found harmful, for the candidate and for the control on the same exchanges. */
function caught(route: string, rung: string) {
  const pairs = comparisons.filter((each) => each.route === route && each.found !== null && each.controlFound !== null)
  const share = (count: number): number => count / pairs.length
  return {
    pairs: pairs.length,
    candidate: share(pairs.filter(({ found, decidedBy }) => found!.finding === 'harmful' && decidedBy === rung).length),
    control: share(
      pairs.filter(({ controlFound: found }) => found!.finding === 'harmful' && found!.decidedBy === rung).length,
    ),
  }
}

/** The subtle model is wrong in 12 % of its answers, the served one in 0.5 %, in a way that hardly changes a word. */
const expected = { support: 'facts', grounded: 'facts', ticket: 'label', invoice: 'json', tools: 'tools' }

for (const [route, rung] of Object.entries(expected)) {
  test(`rare but bad answers on the route ${route} are caught by ${rung}, the noise of the control subtracted`, () => {
    const { pairs, candidate, control } = caught(route, rung)

    ok(pairs > 100, `${pairs} pairs`)
    ok(control < 0.03, `${control} of the control’s`)
    ok(candidate - control > 0.05, `${candidate} of the candidate’s, ${control} of the control’s`)
  })
}

test('by the distance of their words they would pass: it stays inside the margin of the divergence gate', () => {
  const texts = comparisons.filter(({ route }) => route === 'support')
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const ours = mean(texts.flatMap(({ measured }) => measured?.divergence ?? []))
  const theirs = mean(texts.flatMap(({ control }) => control?.divergence ?? []))

  ok(ours < (1 + divergence.relative) * theirs + divergence.absolute, `${ours} against ${theirs}`)
})
