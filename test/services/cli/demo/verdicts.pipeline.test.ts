import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { demoExchangeCount } from '../../../../services/cli/demo/config.ts'
import { candidates } from '../../../../services/cli/demo/models.ts'
import { rehearse } from './rehearsal.ts'

// On the long shelf because twenty runs are some seventy thousand comparisons.
test('with 19 seeds of 20 and more, every candidate gets the verdict it deserves, on an idle and on a busy machine', () => {
  const right = Object.fromEntries(Object.keys(candidates).map((name) => [name, 0]))
  for (let seed = 1; seed <= 20; seed++) {
    for (const { candidate, verdict } of rehearse({
      count: demoExchangeCount,
      seed,
      busyMs: seed % 2 === 0 ? 3 : 30,
    })) {
      if (verdict === candidates[candidate as 'subtle'].deserves) right[candidate]! += 1
    }
  }
  for (const [name, times] of Object.entries(right)) ok(times >= 19, `${name}: right in ${times} of 20 runs`)
})
