import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { studentCdf, studentQuantile } from '../../../shared/statistics/student-t.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('Student’s t and its quantiles agree with the reference', () => {
  agreesWithReference('studentCdf', studentCdf, 1e-12)
  agreesWithReference('studentQuantile', studentQuantile, 1e-10)
})

test('the values of the printed table', () => {
  closeTo(studentQuantile(0.975, 9), 2.262, 5e-4)
  closeTo(studentQuantile(0.95, 29), 1.699, 5e-4)
  closeTo(studentQuantile(0.995, 1), 63.657, 5e-4)
  equal(studentQuantile(0.5, 4), 0)
})
