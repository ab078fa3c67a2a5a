import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createRoutes } from '../../../services/tap/route.ts'

test('all conditions of a route must hold, and the query is no part of the path', () => {
  const match = { upstream: 'openai', model: 'm', path: '*/completions', headers: { 'X-Team': 'blue' } }
  const routes = createRoutes([{ name: 'all', match }])
  const subject = { upstream: 'openai', model: 'm', path: '/v1/chat/completions?a=b', headers: { 'x-team': 'blue' } }

  equal(routes.match(subject).route, 'all')
  for (const other of [{ upstream: 'x' }, { model: null }, { path: '/v1/x?/completions' }, { headers: {} }]) {
    equal(routes.match({ ...subject, ...other }).route, 'default')
  }
})
