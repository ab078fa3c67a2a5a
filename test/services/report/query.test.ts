import { equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuery, VerdictParameters, WorstParameters } from '../../../services/report/query.ts'

test('since is a span before now, a date or a time', () => {
  const { since } = parseQuery(VerdictParameters, { since: '7d' })

  ok(Math.abs(Date.now() - since!.getTime() - 7 * 86_400_000) < 5_000)
  equal(parseQuery(VerdictParameters, { since: '2026-11-01' }).since!.toISOString(), '2026-11-01T00:00:00.000Z')
  equal(parseQuery(VerdictParameters, { asOf: 'end' }).asOf, 'end')
  equal(parseQuery(WorstParameters, { candidate: 'subtle', limit: '7' }).limit, 7)
})

for (const query of [{ since: 'yesterday' }, { since: '7' }, { asOf: 'soon' }]) {
  test(`${JSON.stringify(query)} is refused with what would do`, () => {
    throws(() => parseQuery(VerdictParameters, query), { code: 'USAGE', message: /takes/ })
  })
}

test('a list of worst differences needs a candidate and is bounded', () => {
  throws(() => parseQuery(WorstParameters, {}), { code: 'USAGE', message: /candidate/ })
  throws(() => parseQuery(WorstParameters, { candidate: 'subtle', limit: 100_000 }), {
    code: 'USAGE',
    message: /limit/,
  })
})
