import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  asHistogram,
  bets,
  kellySums,
  leading,
  leadingSums,
  logE,
  logEFromSums,
} from '../../../shared/statistics/e-process.ts'
import { closeTo, negated, workedExample } from '../../support/statistics.ts'

const values = fc.array(fc.double({ min: -0.97, max: 1.03, noNaN: true }), { maxLength: 60 })

test('the worked example has the published sums and evidence', () => {
  const printed = [-11.801923, 2.720809, 3.790948, 3.20985, 2.414442, 1.726637, 1.202176, 0.823984, 0.559307, 0.377303]

  const sums = kellySums(workedExample, 0.97)

  sums.forEach((sum, k) => closeTo(sum, printed[k]!, 5e-7))
  closeTo(logE(workedExample, 0.97), 2.396861, 5e-7)
  closeTo(logE(negated(workedExample), 1.03), -1.54839, 5e-7)
})

test('no data is no evidence', () => {
  equal(logE([], 0.97), 0)
})

test('the order of the units does not matter', () => {
  fc.assert(
    fc.property(values, (units) => {
      closeTo(logE(units, 0.97), logE(units.toReversed(), 0.97), 1e-9)
    }),
  )
})

test('sums of parts add up to the sums of the whole', () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const together = logE([...first, ...second], 0.97)
      const rest = kellySums(second, 0.97)
      closeTo(logEFromSums(kellySums(first, 0.97).map((sum, bet) => sum + rest[bet]!)), together, 1e-9)
    }),
  )
})

test('a unit exactly at the margin changes nothing', () => {
  fc.assert(fc.property(values, (units) => closeTo(logE([...units, 0], 0.97), logE(units, 0.97), 1e-9)))
})

test('one more pair of identical answers always adds evidence for GO', () => {
  fc.assert(fc.property(values, (units) => ok(logE([...units, 0.03], 0.97) > logE(units, 0.97))))
})

test('evidence for GO and for NO-GO exclude each other', () => {
  fc.assert(
    fc.property(values, (units) => {
      ok(!(logE(units, 0.97) > 1e-12 && logE(negated(units), 1.03) > 1e-12))
    }),
  )
})

/** Few units and very many, so that anything from one bet to all of them matters. */
const counted = fc.record({ units: values, times: fc.constantFrom(1, 30, 5_000) }).map(({ units, times }) => {
  const once = asHistogram(units)
  return { ...once, times: once.times.map((seen) => seen * times) }
})

test('bets that are left out add nothing to the evidence, in either direction', () => {
  fc.assert(
    fc.property(counted, fc.constantFrom(1 as const, -1 as const), (counts, direction) => {
      const bound = direction === 1 ? 0.97 : 1.03
      const all = logEFromSums(kellySums(counts, bound, direction))
      closeTo(logEFromSums(leadingSums(counts, bound, direction)), all, 1e-12 * Math.max(1, Math.abs(all)))
    }),
  )
})

test('from whichever bet the search begins, it finds the same', () => {
  fc.assert(
    fc.property(counted, fc.nat(bets.length - 1), (counts, from) => {
      const wealths = kellySums(counts, 0.97)
      const found = leading((_, place) => wealths[place]!, from)

      equal(Math.max(...found), Math.max(...wealths))
      closeTo(logEFromSums(found), logEFromSums(wealths), 1e-12 * Math.max(1, Math.abs(logEFromSums(wealths))))
    }),
  )
})
