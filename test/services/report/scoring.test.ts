import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createReportSource } from '../../../services/report/source.ts'
import { type WaiverConfig } from '../../../shared/config/schema.ts'
import { waiverId } from '../../../shared/config/waivers.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { aPairRow, candidateArm } from '../../support/pair-rows.ts'
import { migratedStore } from '../../support/migrated-store.ts'

const always = { until: new Date('2099-01-01') }
const store = await migratedStore()

const waiver: WaiverConfig = { rung: 'json', path: '/id', reason: 'cosmetic', author: 'ana', expires: '2026-11-26' }

test('versions, waivers and own scores are counted once for each comparison in force', async () => {
  const id = waiverId(waiver)
  const insert = (number: number, arm: string, columns: object, comparedAtMs?: number) =>
    store.insert('comparisons', [{ ...comparisonRow(aPairRow(number), arm, comparedAtMs), ...columns }])
  await insert(1, 'small', { scorer_version: '1', outcome: 'different' }, 1_000)
  await insert(1, 'small', { scorer_version: '1+aa', waived: [id], scores: { tone: 0.5, exact: 1 } }, 2_000)
  await insert(2, 'small', { scorer_version: '1+aa', waived: [id, 'gone'], scores: { tone: 1 }, outcome: 'different' })
  await insert(3, 'small', { scorer_version: '1+aa', not_scored: { tone: 'threw TypeError' } })
  await insert(4, 'small', { arm_fingerprint: 'other', scorer_version: '9', waived: [id] })
  await insert(5, 'small', { scorer_version: '8', outcome: 'not_comparable' })
  await insert(6, 'small', {})
  await insert(1, 'control', { waived: [id], scores: { tone: 0.75 } })

  const compared = {
    arm: 'small',
    fingerprint: candidateArm.fingerprint,
    controlFingerprint: null,
    period: always,
  }
  const scoring = await createReportSource(store).scoring(compared, {
    waivers: [waiver, { ...waiver, path: '/note', expires: '2099-01-01' }],
    scorers: [
      { name: 'tone', as: 'quality' },
      { name: 'unused', as: 'score' },
    ],
    at: new Date('2026-11-27'),
  })

  deepEqual(scoring.versions, [
    { version: '1+aa', comparisons: 3 },
    { version: '', comparisons: 1 },
  ])
  deepEqual([scoring.waived.comparisons, scoring.waived.equivalent], [2, 1])
  deepEqual(
    scoring.waived.waivers.map(({ covers, isExpired, comparisons, controlComparisons }) => [
      covers,
      isExpired,
      comparisons,
      controlComparisons,
    ]),
    [
      ['json /id', true, 2, 1],
      ['json /note', false, 0, 0],
      [null, false, 1, 0],
    ],
  )
  deepEqual(scoring.own, [
    {
      name: 'tone',
      as: 'quality',
      candidate: { scored: 2, mean: 0.75 },
      control: { scored: 1, mean: 0.75 },
      notScored: [{ reason: 'threw TypeError', comparisons: 1 }],
    },
    {
      name: 'unused',
      as: 'score',
      candidate: { scored: 0, mean: null },
      control: { scored: 0, mean: null },
      notScored: [],
    },
  ])
  equal(scoring.imported.length, 0)
})
