import { test } from 'node:test'
import { logGamma, stirlingError } from '../../../shared/statistics/gamma.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('log-gamma agrees with the reference from very small to very large', () => {
  agreesWithReference('logGamma', logGamma, 1e-13)
})

test('what Stirling’s formula lacks is the same by its series and by log-gamma', () => {
  const [below, above] = [stirlingError(14.999_999_999), stirlingError(15)]
  closeTo(below, above, 1e-10)
  closeTo(stirlingError(1), 1 - Math.log(Math.sqrt(2 * Math.PI)), 1e-14)
})
