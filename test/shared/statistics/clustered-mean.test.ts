import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { clusteredMean } from '../../../shared/statistics/clustered-mean.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('the cluster-robust mean agrees with the reference', () => {
  agreesWithReference(
    'clusteredMean',
    (clusters: { value: number }[][], alpha: number) => {
      const { interval, ...rest } = clusteredMean(clusters, alpha)!
      return { ...rest, ...interval }
    },
    1e-10,
  )
})

test('clusters of one are no clusters', () => {
  const { standardError, designEffect } = clusteredMean(
    [1, 2, 4, 8].map((value) => [{ value }]),
    0.05,
  )!
  closeTo(standardError, Math.sqrt(28.75 / 3 / 4), 1e-12)
  closeTo(designEffect!, 1, 1e-12)
})

test('a cluster in which all turns are the same counts once', () => {
  const turns = (value: number, times: number) => Array.from({ length: times }, () => ({ value }))
  const many = clusteredMean(
    [1, 5, 2, 8].map((value) => turns(value, 6)),
    0.05,
  )!
  const once = clusteredMean(
    [1, 5, 2, 8].map((value) => turns(value, 1)),
    0.05,
  )!
  closeTo(many.standardError, once.standardError, 1e-12)
  ok(many.designEffect! > 6)
})

test('values that do not vary have no design effect', () => {
  equal(clusteredMean([[{ value: 0.1 }], [{ value: 0.1 }], [{ value: 0.1 }]], 0.05)!.designEffect, null)
})

test('few clusters have no interval, one has no error', () => {
  equal(clusteredMean([[{ value: 1 }], [{ value: 2 }]], 0.05)!.interval, null)
  equal(clusteredMean([[{ value: 1 }, { value: 2 }]], 0.05), null)
})
