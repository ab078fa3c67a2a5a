import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { rule, type Rule, rules, sameness } from './gates.ts'
import { type Cell, type Results } from './results.ts'

const about = {
  machine: 'a machine',
  startedAt: '2026-11-21T00:00:00.000Z',
  minutes: 1,
  rounds: 3,
  seconds: 1,
  isPinned: true,
  loadAverages: { before: 0, after: 0 },
  stealShare: 0,
  peers: [],
}

const resultsOf = (cells: Record<string, Cell>): Results => ({ about, cells, memory: {} })

const claimed = (claim: string): Rule => rules.find((one) => one.claim === claim)!

function cpuAgainstBare(tapUs: number[]): Results {
  return resultsOf({
    'c=32': { bare: tapUs.map(() => ({ mainUs: 100 })), tap: tapUs.map((mainUs) => ({ mainUs })) },
  })
}

test('a gate passes only where the bad end of its interval passes', () => {
  const gate = claimed('CPU an exchange, forwarding thread / bare')
  equal(rule(gate, cpuAgainstBare([110, 111, 109, 110])).outcome, 'pass')
  const wide = rule(gate, cpuAgainstBare([90, 90, 130]))
  ok(wide.median <= 1.15 && wide.high > 1.15)
  equal(wide.outcome, 'fail')
})

test('at least means the low end', () => {
  const gate = claimed('req/s on one core / bare')
  const cells = (rps: number[]) =>
    resultsOf({ 'c=32': { bare: rps.map(() => ({ rps: 100 })), tap: rps.map((one) => ({ rps: one })) } })
  equal(rule(gate, cells([80, 80, 80])).outcome, 'pass')
  equal(rule(gate, cells([80, 80, 60])).outcome, 'fail')
})

test('what was not measured passes no gate', () => {
  for (const one of rules) equal(rule(one, resultsOf({})).outcome, 'not measured', one.claim)
})

test('added latency is what remains without the direct way', () => {
  const cells = { 'c=1': { direct: [{ p50Us: 100 }], bare: [{ p50Us: 300 }], tap: [{ p50Us: 310 }] } }
  equal(rule(claimed('added p50 at c=1 / bare'), resultsOf(cells)).median, 1.05)
})

test('a reference that noise has made free makes what costs something fail', () => {
  const cells = { 'c=1': { direct: [{ p50Us: 100 }], bare: [{ p50Us: 90 }], tap: [{ p50Us: 310 }] } }
  equal(rule(claimed('added p50 at c=1 / bare'), resultsOf(cells)).outcome, 'fail')
})

test('one stream that is not whole in any round fails its gate', () => {
  const whole = { broken: 0, altered: 0, lostFrames: 0 }
  const gate = claimed('512 streams: broken, altered, frames lost')
  equal(rule(gate, resultsOf({ streams: { tap: [whole, whole] } })).outcome, 'pass')
  equal(rule(gate, resultsOf({ streams: { tap: [whole, { ...whole, lostFrames: 1 }] } })).outcome, 'fail')
})

test('memory is judged by its growth after the first third', () => {
  const memory = { tap: Array.from({ length: 60 }, (_, x) => ({ x: x / 6, y: x < 20 ? 100 + 10 * x : 300 })) }
  equal(rule(claimed('growth of memory, MiB a minute'), { about, cells: {}, memory }).outcome, 'pass')
  const leak = { tap: memory.tap.map(({ x, y }) => ({ x, y: y + 20 * x })) }
  equal(rule(claimed('growth of memory, MiB a minute'), { about, cells: {}, memory: leak }).outcome, 'fail')
})

test('the best npm proxy is chosen anew in each round', () => {
  const cells = {
    'c=32': {
      httpxy: [{ rps: 10 }, { rps: 30 }],
      'fast-proxy': [{ rps: 20 }, { rps: 5 }],
      tap: [{ rps: 40 }, { rps: 60 }],
    },
  }
  const { low, high } = rule(claimed('req/s / best npm proxy'), resultsOf(cells))
  deepEqual([low, high], [2, 2])
})

test('two equal things that differ by more than a fiftieth make the run void', () => {
  const cells = (second: number) => ({
    'c=1': { direct: [{ rps: 100, p50Us: 10 }], 'direct, second port': [{ rps: second, p50Us: 10 }] },
  })
  const isVoid = (second: number) => sameness(resultsOf(cells(second))).map((one) => one.isVoid)
  deepEqual(isVoid(101), [false, false])
  deepEqual(isVoid(103), [true, false])
})

test('where the clients held up the reference, a ratio of rates is no finding', () => {
  const cells = (clientShare: number) => ({ 'c=32': { nginx: [{ rps: 100, clientShare }], tap: [{ rps: 90 }] } })
  const outcome = (clientShare: number) => rule(claimed('req/s / nginx'), resultsOf(cells(clientShare))).outcome
  deepEqual([outcome(0.5), outcome(0.95)], ['pass', 'mock-bound'])
})
