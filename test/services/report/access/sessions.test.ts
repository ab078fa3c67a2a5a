import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from '../../../../services/report/access/sessions.ts'

const hourMs = 3_600_000
const principal = {
  actor: 'token:ci',
  role: 'viewer',
  mayReadBodies: false,
  by: 'bearer',
  csrfKey: '',
  untilMs: null,
} as const

test('a session ends after its hours, and with its token', () => {
  let nowMs = 0
  const sessions = createSessions(2, () => nowMs)
  const { secret } = sessions.begin(principal)
  const brief = sessions.begin({ ...principal, untilMs: hourMs })

  nowMs = hourMs - 1
  equal(sessions.find(brief.secret)?.actor, 'token:ci')
  nowMs = hourMs
  equal(sessions.find(brief.secret), null)
  nowMs = 2 * hourMs - 1
  equal(sessions.find(secret)?.by, 'session')
  nowMs = 2 * hourMs
  equal(sessions.find(secret), null)
})

test('however many sign in, what is kept stays bounded: the oldest goes', () => {
  const sessions = createSessions(2)
  const first = sessions.begin(principal)
  const others = Array.from({ length: 1_000 }, () => sessions.begin(principal))
  equal(sessions.find(first.secret), null)
  equal(sessions.find(others.at(-1)!.secret)?.actor, 'token:ci')
})
