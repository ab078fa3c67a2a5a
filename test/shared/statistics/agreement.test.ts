import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cohenKappa, krippendorffAlpha, sampledKappa } from '../../../shared/statistics/agreement.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('kappa and its error agree with the reference, plain and weighted', () => {
  agreesWithReference('cohenKappa', cohenKappa, 1e-10)
})

test('Krippendorff’s alpha agrees with the reference on every scale, with ratings missing', () => {
  agreesWithReference('krippendorffAlpha', krippendorffAlpha, 1e-10)
})

test('raters who always agree have a kappa of 1; where there is one category only, nothing is known', () => {
  closeTo(
    cohenKappa(
      [
        [0, 0],
        [1, 1],
        [1, 1],
      ],
      2,
    )!.kappa,
    1,
    1e-12,
  )
  equal(cohenKappa([[0, 0]], 2), null)
  equal(cohenKappa([], 2), null)
  equal(krippendorffAlpha([[1, 1], [1]], 'nominal'), null)
  closeTo(
    krippendorffAlpha(
      [
        [1, 1],
        [2, 2],
      ],
      'nominal',
    )!,
    1,
    1e-12,
  )
})

const rating = fc.tuple(fc.nat(2), fc.nat(2))

test('where every chance was the same, the kappa of a sample is Cohen’s', () => {
  fc.assert(
    fc.property(
      fc.array(rating, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0.1, max: 50, noNaN: true }),
      (ratings, weight) => {
        const plain = cohenKappa(ratings, 3)
        const sampled = sampledKappa(
          ratings.map(([first, second]) => ({ first, second, weight })),
          3,
        )
        equal(sampled === null, plain === null)
        if (plain === null || sampled === null) return
        closeTo(sampled.kappa, plain.kappa, 1e-6)
        closeTo(sampled.agreement, plain.agreement, 1e-9)
        closeTo(sampled.standardError, plain.standardError, 1e-5)
      },
    ),
  )
})

test('an answer that stands for three counts as three in kappa, not in what is known', () => {
  const once = [
    { first: 0, second: 0, weight: 3 },
    { first: 1, second: 1, weight: 1 },
    { first: 0, second: 1, weight: 1 },
    { first: 1, second: 1, weight: 2 },
  ]
  const repeated = once.flatMap(({ weight, ...rest }) => Array.from({ length: weight }, () => ({ ...rest, weight: 1 })))
  const [sampled, written] = [sampledKappa(once, 2)!, sampledKappa(repeated, 2)!]
  closeTo(sampled.kappa, written.kappa, 1e-12)
  ok(sampled.standardError > written.standardError)
})
