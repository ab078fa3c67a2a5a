import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { coverages, type Coverage } from './coverage.ts'
import { shareOf } from './draws.ts'
import { falseGo, type FalseGo } from './looks.ts'
import { plans, powerOf } from './power.ts'
import { covers, isHeld, report } from './report.ts'
import { worlds } from './worlds.ts'

const go = (hits: number, runs: number, outside: string | null = null) =>
  ({ go: shareOf(hits, runs), outside }) as FalseGo
const coverage = (hits: number, promise: Coverage['promise']): Coverage => ({
  interval: '',
  promise,
  covered: shareOf(hits, 1_000),
})

test('a promise is broken where chance alone no longer explains the share', () => {
  equal(isHeld(go(0, 200)), 'held')
  equal(isHeld(go(14, 200)), 'held')
  equal(isHeld(go(40, 200)), 'BROKEN')
  equal(isHeld(go(40, 200, 'not independent')), 'not promised')
})

test('coverage is held, a little below where it is approximate, or broken', () => {
  equal(covers(coverage(880, 'least')), 'held')
  equal(covers(coverage(1_000, 'least')), 'held')
  equal(covers(coverage(860, 'least')), 'BROKEN')
  equal(covers(coverage(860, 'about')), 'a little below')
  equal(covers(coverage(800, 'about')), 'BROKEN')
})

test('a small run says the same twice, and the table tells all of it', () => {
  const small = () => ({
    falseGo: worlds.map((world) => falseGo(world, { runs: 2, exchanges: 2_000 })),
    coverage: coverages(20),
    power: [powerOf(plans[3], 5)],
  })
  const measured = small()
  deepEqual(small(), measured)
  const about = { startedAt: '2026-11-21T00:00:00.000Z', minutes: 1, node: 'v26', full: false }
  const text = report({ about, ...measured })
  for (const { name } of worlds) ok(text.includes(`| ${name} |`), name)
  match(text, /\| 0\.3, 0\.05 \| 512 \|/)
})
