import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { noCosts } from '../../../../services/report/gates/gate.ts'
import { gatesOf } from '../../../../services/report/gates/index.ts'
import { comparablePairs, type PairRow } from '../../../../services/report/pairs.ts'
import { declaredSlices } from '../../../../services/report/slices/declared.ts'
import { sliceOf } from '../../../../services/report/slices/dimensions.ts'
import { foundSlices, nominated } from '../../../../services/report/slices/found.ts'
import { sliceMargins } from '../../../../services/report/slices/margins.ts'
import { addUnits, noCase } from '../../../../services/report/sums/case-sums.ts'
import { noPairs } from '../../../../services/report/sums/pair-tally.ts'
import { aPairRow, controlArm, gates } from '../../../support/pair-rows.ts'
import { closeTo, seededRandom } from '../../../support/statistics.ts'

const alpha = 0.05
const runs = 60
const quality = gatesOf(sliceMargins(gates()), true).find(({ name }) => name === 'quality')!
/** Three standard errors above alpha; the seeds are fixed, so this never flickers. */
const mostFalse = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs)

/** Twenty routes of the same kind, three languages; `share` is what the candidate keeps of the control's 90 %. */
function drawn(seed: number, share: number, exchanges = 4_000): PairRow[] {
  const random = seededRandom(seed * 7_919)
  return Array.from({ length: exchanges }, (_, number) =>
    aPairRow(number, {
      route: `route-${number % 20}`,
      language: ['de', 'en', 'fr'][number % 3]!,
      quality: Number(random() < 0.9 * share),
      controlQuality: Number(random() < 0.9),
    }),
  )
}

function sumsOf(rows: readonly PairRow[], by: readonly string[], searched: readonly string[]) {
  const terms = { gates: [], sliceGates: [quality], slices: { by, searched, sliceOf, salt: 'salt' } }
  const pairs = comparablePairs(rows, controlArm.fingerprint)
  const sums = noCase(noPairs(false))
  addUnits(sums, { counted: new Set(pairs), inPastHours: new Set() }, terms)
  const facts = { gate: quality, bound: null, costs: noCosts(), forgives: false, exchanges: pairs.length }
  return { sums, facts: [facts] }
}

function declared(rows: readonly PairRow[], by: string) {
  const { sums, facts } = sumsOf(rows, [by], [])
  return declaredSlices(facts, sums.slices.values(), [by], alpha)
}

const looks = [1_000, 2_500, 4_000]
const shareOf = (hit: (seed: number) => boolean) =>
  Array.from({ length: runs }, (_, run) => hit(run + 1)).filter(Boolean).length / runs

test('of twenty kinds of traffic all exactly at twice the margin, none is called harmed more often than alpha at any look', () => {
  const share = shareOf((seed) => {
    const rows = drawn(seed, 0.94)
    return looks.some((end) => declared(rows.slice(0, end), 'route').some(({ state }) => state === 'outside'))
  })
  ok(share <= mostFalse, `${share}`)
})

test('and each is called safe no more often than alpha', () => {
  const share = shareOf((seed) => {
    const rows = drawn(seed, 0.94)
    return looks.some((end) =>
      declared(rows.slice(0, end), 'language').some(({ value, state }) => value === 'de' && state === 'inside'),
    )
  })
  ok(share <= mostFalse, `${share}`)
})

function found(rows: readonly PairRow[]) {
  const dimensions = ['route', 'language']
  const { sums, facts } = sumsOf(rows, [], dimensions)
  const nominees = nominated(facts, sums.cells.values(), dimensions.length)
  return foundSlices(nominees, sums.cells.values(), dimensions, alpha)
}

test('the search confirms no more than alpha of what is exactly at the margin', () => {
  const share = shareOf((seed) => found(drawn(seed, 0.94)).some(({ state }) => state === 'outside'))
  ok(share <= mostFalse, `${share}`)
})

test('what the search quotes is not worse than it is: the half that chose is not the half that tells', () => {
  const means = Array.from({ length: runs }, (_, run) => found(drawn(run + 1, 0.94)))
    .flat()
    .flatMap(({ gates: [gate] }) => gate?.mean ?? [])
  const bias = means.reduce((sum, mean) => sum + mean, 0) / means.length

  ok(means.length > 30, String(means.length))
  // Chosen at 2 standard errors and more below 0; sd(Y) is about 0.4 in some 30 to 100 units each.
  closeTo(bias, 0, 4 * (0.45 / Math.sqrt(50 * means.length)))
})
