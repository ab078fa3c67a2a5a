import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type FastifyRequest } from 'fastify'
import { type Principal } from '../../../../services/report/access/principal.ts'
import { readingAudit } from '../../../../services/report/access/reading-audit.ts'
import { type Act } from '../../../../shared/contracts/audit-entry.ts'

const hourMs = 3_600_000
const of = (actor: string) => ({ principal: { actor, by: 'session' } as Principal }) as FastifyRequest

test('whoever looks is told again after a day, and for each subject by itself', () => {
  let atMs = 0
  const told: string[] = []
  const note = ({ action, subject }: Act, actor: string) => void told.push(`${actor} ${action} ${subject}`)
  const read = readingAudit({ isOfOwnPage: () => true }, note, () => atMs)

  for (atMs = 0; atMs < 49 * hourMs; atMs += hourMs) read(of('ana'), 'report', { format: 'json' })
  read(of('ana'), 'support', { what: 'exchange' })
  read(of('ben'), 'report', { format: 'json' })

  deepEqual(told, [
    'ana viewed report',
    'ana viewed report',
    'ana viewed report',
    'ana viewed support',
    'ben viewed report',
  ])
})

test('however many subjects there are, what is remembered has an end, and nobody goes untold', () => {
  let told = 0
  const read = readingAudit({ isOfOwnPage: () => true }, () => void (told += 1))

  for (let number = 0; number < 25_000; number += 1) read(of('ana'), `route ${number}`)

  equal(told, 25_000)
  read(of('ana'), 'route 24999')
  equal(told, 25_000)
  read(of('ana'), 'route 0')
  equal(told, 25_001)
})
