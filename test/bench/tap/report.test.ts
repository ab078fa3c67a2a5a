import { match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { report } from './report.ts'
import { type Results, type Sample } from './results.ts'

const exchanges = { rps: 1_000, p50Us: 100, p99Us: 200, mainUs: 50, allUs: 60, clientShare: 0.5, failed: 0, altered: 0 }

function reportOf(samples: Record<string, Sample>): string {
  const results: Results = {
    about: {
      machine: 'a machine',
      startedAt: '2026-11-21T00:00:00.000Z',
      minutes: 1,
      rounds: 1,
      seconds: 1,
      isPinned: true,
      loadAverages: { before: 2, after: 2 },
      stealShare: 0,
      peers: [
        { name: 'bare', version: '26', note: '', missing: null, keepsRequest: true, keepsAnswer: true },
        { name: 'nginx', version: '', note: '', missing: 'it is not here', keepsRequest: null, keepsAnswer: null },
      ],
    },
    cells: { 'c=32': Object.fromEntries(Object.entries(samples).map(([name, sample]) => [name, [sample]])) },
    memory: {},
  }
  return report(results)
}

const row = (text: string, subject: string): string =>
  text.split('\n').find((line) => line.startsWith(`| ${subject} |`))!

test('the tables say who was limited by the clients, what was lost and who was not there', () => {
  const text = reportOf({
    direct: { ...exchanges, clientShare: 0.99 },
    bare: exchanges,
    tap: { ...exchanges, mirroredShare: 0.75, 'dropped.queue_full': 3, unaccounted: 0 },
  })
  match(row(text, 'direct'), /99 % \*\*mock-bound\*\*/)
  ok(!row(text, 'bare').includes('mock-bound'))
  match(row(text, 'tap'), /75 %.*3 dropped: queue_full/)
  match(text, /\*\*left out:\*\* it is not here/)
})

test('a busy machine and a control that differs from itself are said first', () => {
  const text = reportOf({ direct: exchanges, 'direct, second port': { ...exchanges, rps: 1_100 } })
  match(text, /Not a quiet machine/)
  match(text, /req\/s at c=32: 1\.100 .*\*\*void/)
  ok(text.indexOf('void') < text.indexOf('## Gates'))
})
