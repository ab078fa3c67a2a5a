import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { predictionPoweredMean, roganGladen } from '../../../shared/statistics/judge-correction.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('the prediction-powered mean agrees with the reference', () => {
  agreesWithReference('predictionPoweredMean', predictionPoweredMean, 1e-3)
})

test('a judge that says nothing leaves the labels alone, and too few labels say nothing', () => {
  const labels = [0, 1, 1, 1, 0, 1]
  const { estimate, lambda } = predictionPoweredMean(
    labels.map((label) => ({ label, score: 0.5 })),
    [0.5, 0.5],
    0.05,
  )!
  equal(lambda, 0)
  closeTo(estimate, 4 / 6, 1e-12)
  equal(predictionPoweredMean([{ label: 1, score: 1 }], [1], 0.05), null)
  equal(
    predictionPoweredMean(
      [
        { label: 1, score: 1 },
        { label: 0, score: 0 },
      ],
      [],
      0.05,
    ),
    null,
  )
})

test('a pass rate is corrected for a judge that is known to err', () => {
  // 80 % truly pass; a judge of sensitivity 0.9 and specificity 0.7 passes 0.8 · 0.9 + 0.2 · 0.3 = 78 %.
  const calibration = { rightPasses: 90, passes: 100, rightFails: 70, fails: 100 }
  const { estimate, standardError } = roganGladen({ passed: 780, judged: 1_000 }, calibration, 0.05)!
  closeTo(estimate, 0.8, 1e-12)
  const variance = (0.78 * 0.22) / 1_000 + (0.2 ** 2 * 0.21) / 100 + (0.8 ** 2 * 0.09) / 100
  closeTo(standardError, Math.sqrt(variance) / 0.6, 1e-12)
})

test('a perfect judge changes nothing, one no better than chance corrects nothing', () => {
  const perfect = { rightPasses: 50, passes: 50, rightFails: 50, fails: 50 }
  closeTo(roganGladen({ passed: 30, judged: 40 }, perfect, 0.05)!.estimate, 0.75, 1e-12)
  equal(roganGladen({ passed: 30, judged: 40 }, { ...perfect, rightFails: 0 }, 0.05), null)
})
