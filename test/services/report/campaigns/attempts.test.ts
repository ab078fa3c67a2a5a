import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { alphaOf, attemptsOf, campaignOf, type CampaignRow } from '../../../../services/report/campaigns/attempts.ts'
import { closeTo } from '../../../support/statistics.ts'

const row = (hash: string, startedAtMs: number, comparedBefore: number): CampaignRow => ({
  campaignId: `${hash}-${startedAtMs}`,
  hash,
  startedAtMs,
  comparedBefore,
  countsFromMs: comparedBefore === 0 ? null : startedAtMs,
  inputs: '{}',
})
const hashes = (rows: readonly CampaignRow[]) => attemptsOf(rows).map(({ hash }) => hash)

test('every change is an attempt, in the order of their beginnings', () => {
  deepEqual(hashes([row('b', 2, 300), row('a', 1, 0), row('c', 3, 900)]), ['a', 'b', 'c'])
})

test('what was given up before any evidence was there is no attempt', () => {
  deepEqual(hashes([row('a', 1, 0), row('b', 2, 0), row('c', 3, 10)]), ['b', 'c'])
})

test('evidence that was erased afterwards leaves the attempt what it was', () => {
  deepEqual(hashes([row('a', 1, 5), row('b', 2, 0)]), ['a', 'b'])
})

test('two processes that begin the same one begin one', () => {
  deepEqual(hashes([row('a', 1, 0), row('b', 2, 7), row('b', 3, 7)]), ['a', 'b'])
  deepEqual(hashes([row('a', 1, 0), row('a', 2, 0)]), ['a'])
})

test('a return to what was tried before takes it up again with what it had gathered', () => {
  const rows = [row('a', 1, 0), row('b', 2, 300)]

  const campaign = campaignOf(rows, 'a', '{}')

  equal(campaign.attempt, 1)
  equal(campaign.countsFromMs, null)
  equal(campaign.attempts.length, 2)
})

test('the first may count what is there, a later one that has not begun counts nothing', () => {
  equal(campaignOf([], 'a', '{}').countsFromMs, null)
  const changed = campaignOf([row('a', 1, 0)], 'b', '{}')
  equal(changed.attempt, 2)
  equal(changed.countsFromMs, Infinity)
})

test('whatever is tried, with however many competing candidates, spends no more than alpha', () => {
  closeTo(alphaOf(0.05, 1, 1), 0.0303963550927, 1e-12)
  closeTo(alphaOf(0.05, 2, 1), 0.0303963550927 / 4, 1e-12)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 20 }), (attempts, candidates) => {
      const parts = Array.from({ length: attempts }, (_, index) => alphaOf(0.05, index + 1, candidates))
      ok(candidates * parts.reduce((sum, part) => sum + part, 0) < 0.05)
    }),
    { numRuns: 30 },
  )
})
