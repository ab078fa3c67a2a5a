import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import {
  humanReviewOf,
  type Population,
  type Said,
  type SpokenOf,
} from '../../../../services/report/review/human-review.ts'
import { sectionsOf } from '../../../../services/report/sections/index.ts'
import { HumanReview } from '../../../../shared/contracts/review.ts'
import { aPairRow, verdictOn } from '../../../support/pair-rows.ts'
import { closeTo, seededRandom } from '../../../support/statistics.ts'

const terms = { shares: { passes: 0.02, failures: 0.1 }, alpha: 0.05 }

const said = (reviewer: string, label: Said['label'], about: Said['about'] = 'arm'): Said => ({
  reviewer,
  about,
  label,
  blind: true,
})

function spoken(
  number: number,
  stratum: SpokenOf['stratum'],
  labels: readonly Said[],
  changes: Partial<SpokenOf> = {},
): SpokenOf {
  const quality = stratum === 'pass' ? 1 : 0.2
  return {
    exchangeId: `exchange-${number}`,
    conversationId: `conversation-${number}`,
    stratum,
    isDrawn: true,
    weight: 1,
    quality,
    judgeQuality: null,
    checksQuality: quality,
    scores: {},
    said: labels,
    ...changes,
  }
}

function population(passes: number, fails: number, failedWeight = 0): Population {
  const of = (units: number, quality: number) => ({
    units,
    weight: units,
    score: units * quality,
    square: units * quality ** 2,
    weight2: units,
    score2: units * quality,
    square2: units * quality ** 2,
    drawn: units,
  })
  return { strata: { pass: of(passes, 1), fail: of(fails, 0.2) }, failedWeight }
}

/** `passes` and `fails` labelled pairs; of each so many are fine to everybody. */
function labelled(passes: number, finePasses: number, fails: number, fineFails: number, who = ['ana']): SpokenOf[] {
  const each = (count: number, fine: number, stratum: SpokenOf['stratum'], from: number) =>
    Array.from({ length: count }, (_, index) =>
      spoken(
        from + index,
        stratum,
        who.map((reviewer) => said(reviewer, index < fine ? 'fine' : 'not_fine')),
      ),
    )
  return [...each(passes, finePasses, 'pass', 0), ...each(fails, fineFails, 'fail', 10_000)]
}

test('nobody has said anything: nothing is told', () => {
  equal(humanReviewOf([], population(10, 10), terms), null)
})

test('strata count by their part of the traffic, however many labels each has', () => {
  // 90 % of the passes and 40 % of the failures are fine; failures are a tenth of the traffic and half of the labels.
  const review = humanReviewOf(labelled(100, 90, 100, 40), population(9_000, 1_000), terms)!
  HumanReview.parse(review)
  closeTo(review.fine!.estimate, 0.9 * 0.9 + 0.1 * 0.4, 1e-9)
  ok(review.fine!.lower < 0.85 && review.fine!.upper > 0.85)
  equal(review.whyNone, null)
})

test('an exchange that the candidate failed is not fine, and nobody has to say so', () => {
  const of = (failed: number) =>
    humanReviewOf(labelled(100, 90, 100, 40), population(9_000, 1_000, failed), terms)!.fine!
  closeTo(of(10_000).estimate, of(0).estimate / 2, 1e-9)
  closeTo(of(10_000).upper, of(0).upper / 2, 1e-9)
})

test('labels of picked pairs move no estimate and no kappa', () => {
  const drawn = labelled(80, 70, 40, 10)
  const picked = Array.from({ length: 500 }, (_, index) =>
    spoken(50_000 + index, 'pass', [said('ana', 'not_fine')], { isDrawn: false }),
  )
  const [without, withPicked] = [drawn, [...drawn, ...picked]].map((pairs) =>
    humanReviewOf(pairs, population(9_000, 1_000), terms)!,
  )
  deepEqual(withPicked!.fine, without!.fine)
  deepEqual(withPicked!.againstMeasures, without!.againstMeasures)
  equal(withPicked!.picked, 500)
  equal(withPicked!.labels, 620)
})

test('too few labels, or none of a kind that the traffic has, are no estimate, and say why', () => {
  match(humanReviewOf(labelled(30, 20, 10, 5), population(900, 100), terms)!.whyNone!, /40 answers .* 50 are the least/)
  const lopsided = humanReviewOf(labelled(60, 50, 1, 1), population(900, 100), terms)!
  equal(lopsided.fine, null)
  match(lopsided.whyNone!, /hardly any answer is labelled of those that the checks failed/)
  ok(humanReviewOf(labelled(60, 50, 0, 0), population(900, 0), terms)!.fine !== null)
})

test('where both answers are labelled, the difference is the pairs’ own', () => {
  const pairs = labelled(100, 90, 100, 40).map((pair) => ({
    ...pair,
    said: [...pair.said, said('ana', 'fine', 'served')],
  }))
  const { difference } = humanReviewOf(pairs, population(9_000, 1_000), terms)!
  closeTo(difference!.estimate, 0.9 * -0.1 + 0.1 * -0.6, 1e-9)
  equal(humanReviewOf(labelled(100, 90, 100, 40), population(9_000, 1_000), terms)!.difference, null)
})

test('two people who label by the same mind have a kappa of 1, and by chance about none', () => {
  const alike = humanReviewOf(labelled(60, 40, 60, 20, ['ana', 'ben']), population(900, 100), terms)!
  deepEqual(
    alike.betweenReviewers.map(({ reviewers, pairs }) => ({ reviewers, pairs })),
    [{ reviewers: ['ana', 'ben'], pairs: 120 }],
  )
  closeTo(alike.betweenReviewers[0]!.kappa!, 1, 1e-9)
  closeTo(alike.alpha!, 1, 1e-9)

  const random = seededRandom(3)
  const label = () => (random() < 0.7 ? 'fine' : 'not_fine')
  const apart = Array.from({ length: 2_000 }, (_, index) =>
    spoken(index, index % 2 === 0 ? 'pass' : 'fail', [said('ana', label()), said('ben', label())]),
  )
  const { kappa, lower, upper } = humanReviewOf(apart, population(5_000, 5_000), terms)!.betweenReviewers[0]!
  // Four standard errors of 2,000 pairs.
  ok(Math.abs(kappa!) < 0.1 && lower! < kappa! && kappa! < upper!, `kappa ${kappa}`)
})

test('quality is calibrated where people say what it says, and not where it says the same of all', () => {
  const good = humanReviewOf(labelled(100, 97, 100, 5), population(500, 500), terms)!
  equal(good.qualityIsCalibrated, true)
  // They agree on 95 %, because nearly all is fine: that is nothing.
  const skewed = humanReviewOf(labelled(190, 182, 10, 9), population(950, 50), terms)!
  ok(skewed.againstMeasures.find(({ measure }) => measure === 'quality')!.agreement! > 0.9)
  equal(skewed.qualityIsCalibrated, false)
})

test('who is unsure says nothing', () => {
  const pairs = labelled(60, 50, 60, 20)
  const more = [...pairs, spoken(99_999, 'pass', [said('ana', 'unsure')])]
  const [before, after] = [pairs, more].map((each) => humanReviewOf(each, population(900, 100), terms)!)
  deepEqual(after!.fine, before!.fine)
  equal(after!.unsure, 1)
})

test('a score that orders answers as people do has 1, and the report tells all of it', () => {
  const pairs = labelled(60, 50, 60, 20).map((pair) => ({
    ...pair,
    scores: { tone: pair.said[0]!.label === 'fine' ? 0.9 : 0.1 },
  }))
  const review = humanReviewOf(pairs, population(900, 100), terms)!
  deepEqual(review.againstScores, [{ score: 'tone', answers: 120, auc: 1 }])

  const verdict = { ...verdictOn([aPairRow(1)]), review }
  const section = sectionsOf(verdict).find(({ title }) => title === 'What people say')!
  match(
    section.sentences.join('\n'),
    /120 labels by one person: 60 of 900 drawn from 900 that the checks passed \(2 %\)/,
  )
  match(section.sentences.join('\n'), /People would call 7\d\.\d % \(90 % interval/)
  deepEqual(section.table!.rows.at(-1), ['tone tells fine from not fine (AUC)', '120', '1.00'])
  equal(
    sectionsOf({ ...verdict, review: null }).some(({ title }) => title === 'What people say'),
    false,
  )
})
