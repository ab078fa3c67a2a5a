import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateExitCodes, parseAsOf, parseSince } from '../../../services/cli/verdicts.ts'

const now = new Date('2026-11-21T12:00:00Z')

test('a span counts back from now, a date is itself, nothing is everything', () => {
  assert.equal(parseSince('7d', now)?.toISOString(), '2026-11-14T12:00:00.000Z')
  assert.equal(parseSince('90m', now)?.toISOString(), '2026-11-21T10:30:00.000Z')
  assert.equal(parseSince('2026-11-01', now)?.toISOString(), '2026-11-01T00:00:00.000Z')
  assert.equal(parseSince(undefined, now), undefined)
})

test('a time that cannot be read is a usage error that shows what can', () => {
  assert.throws(() => parseSince('last week', now), { code: 'USAGE', message: /7d or 12h/ })
  assert.throws(() => parseAsOf('yesterday'), { code: 'USAGE', message: /"end"/ })
})

test('the traffic can be declared ended', () => assert.equal(parseAsOf('end'), 'end'))

test('a gate exits 0 only for go', () => assert.deepEqual(gateExitCodes, { go: 0, no_go: 3, inconclusive: 4 }))
