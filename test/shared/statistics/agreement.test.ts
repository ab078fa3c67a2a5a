import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { cohenKappa, krippendorffAlpha } from '../../../shared/statistics/agreement.ts'
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
