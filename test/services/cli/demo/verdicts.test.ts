import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { demoExchangeCount } from '../../../../services/cli/demo/config.ts'
import { candidates } from '../../../../services/cli/demo/models.ts'
import { rehearse } from './rehearsal.ts'

test('the evidence of one run gives every candidate the verdict it deserves', () => {
  const verdicts = rehearse({ count: demoExchangeCount, seed: 1, busyMs: 10 })
  deepEqual(
    verdicts.map(({ candidate, verdict }) => [candidate, verdict]),
    Object.entries(candidates).map(([name, { deserves }]) => [name, deserves]),
  )
  deepEqual(
    verdicts.flatMap(({ except }) => except),
    [],
  )
})
