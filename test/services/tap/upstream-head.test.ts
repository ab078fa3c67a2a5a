import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { headForUpstream } from '../../../services/tap/upstream-head.ts'

const to = { path: '/x', host: 'upstream', isUpgrade: false }

test('that trailers are wanted goes up once, however often it is said', { timeout: 60_000 }, () => {
  const headers = ['Host', 'a', ...Array.from({ length: 50_000 }, () => ['TE', 'trailers']).flat()]

  equal(
    headForUpstream({ method: 'GET', target: '/', minor: 1, headers }, to),
    'GET /x HTTP/1.1\r\nHost: upstream\r\nTE: trailers\r\nConnection: TE\r\n\r\n',
  )
})
