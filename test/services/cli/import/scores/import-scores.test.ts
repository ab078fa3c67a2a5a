import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeScores, importScores } from '../../../../../services/cli/import/scores/import-scores.ts'
import { startRecord } from '../../../../../services/record/main.ts'
import { createReportSource } from '../../../../../services/report/source.ts'
import { type Running } from '../../../../../shared/lifecycle.ts'
import { openEmbeddedLog } from '../../../../../shared/log/embedded.ts'
import { type TopicLog } from '../../../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../../../shared/logger.ts'
import { openEmbedded } from '../../../../../shared/store/embedded.ts'
import { migrate } from '../../../../../shared/store/migrations.ts'
import { type Store } from '../../../../../shared/store/store.ts'
import { comparisonRow } from '../../../../support/comparison-rows.ts'
import { aPairRow, candidateArm } from '../../../../support/pair-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-scores-'))
let store: Store
let log: TopicLog
let running: Running

const rows = Array.from({ length: 10 }, (_, number) => aPairRow(number))
const id = (number: number): string => rows[number]!.exchangeId

before(async () => {
  store = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(store)
  log = await openEmbeddedLog({ file: join(folder, 'log.db'), logger })
  await log.prepare()
  running = await startRecord({ log, store, logger })
  for (const arm of ['subtle', 'control'])
    await store.insert(
      'comparisons',
      rows.map((row) => comparisonRow(row, arm)),
    )
})

after(async () => {
  await running.stop()
  await log.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function imported(lines: object[], now?: Date) {
  const text = lines.map((line) => JSON.stringify(line)).join('\n')
  const result = await importScores([{ name: 'scores.jsonl', text }], undefined, { store, log }, now)
  const endsAtMs = Date.now() + 30_000
  while ((await log.lag('record', 'scores')) > 0) {
    ok(Date.now() < endsAtMs, 'nothing came')
    await sleep(20)
  }
  return result
}

const stored = () =>
  store.query<{ arm: string; name: string; by: string; count: number; mean: number }>(
    `SELECT arm, name, scored_by AS by, toFloat64(count()) AS count, avg(score) AS mean
     FROM scores_unique GROUP BY arm, name, scored_by ORDER BY arm, name, by`,
  )

test('scores are matched by exchange and arm; what matches nothing is counted with its first places', async () => {
  const of = (number: number, arm: string, score: unknown) => ({
    exchangeId: id(number),
    arm,
    name: 'helpful',
    score,
    by: 'ana',
  })
  const result = await imported([
    of(0, 'subtle', 1),
    of(1, 'subtle', 0.5),
    { ...of(1, 'control', 1), exchangeId: id(1).toUpperCase() },
    of(2, 'served', 0.25),
    of(0, 'unheard-of', 1),
    { ...of(0, 'subtle', 1), exchangeId: '99999999-0000-7000-8000-000000000000' },
    { ...of(0, 'subtle', 1), exchangeId: 'order-7' },
    of(0, '', 1),
    of(0, 'subtle', 'good'),
  ])

  deepEqual(result, {
    read: 9,
    published: 4,
    repeated: 0,
    unusable: {
      no_exchange: { count: 1, first: ['line 7'] },
      no_arm: { count: 1, first: ['line 8'] },
      no_score: { count: 1, first: ['line 9'] },
      unknown: { count: 2, first: ['line 5', 'line 6'] },
    },
  })
  match(describeScores(result), /^4 of 9 scores imported\n {2}1 not used: no exchangeId, which is a UUID \(line 7\)/)
  deepEqual(await stored(), [
    { arm: 'control', name: 'helpful', by: 'ana', count: 1, mean: 1 },
    { arm: 'served', name: 'helpful', by: 'ana', count: 1, mean: 0.25 },
    { arm: 'subtle', name: 'helpful', by: 'ana', count: 2, mean: 0.75 },
  ])
})

test('imported again nothing is doubled, and the latest of the same exchange, arm, name and maker counts', async () => {
  const of = (score: number, by: string) => ({ exchangeId: id(3), arm: 'subtle', name: 'tone', score, by })
  const [first, later] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T00:00:00Z')]

  await imported([of(0.2, 'ana'), of(0.6, 'ben')], later)
  await imported([of(0.1, 'ana')], first)
  const again = await imported([of(0.9, 'ana'), of(0.4, 'ana'), of(0.6, 'ben')], new Date('2026-11-22T00:00:00Z'))

  deepEqual([again.published, again.repeated], [2, 1])
  deepEqual(
    (await stored()).filter(({ name }) => name === 'tone').map(({ by, count, mean }) => [by, count, mean]),
    [
      ['ana', 1, 0.4],
      ['ben', 1, 0.6],
    ],
  )
})

test('they are in the report beside the control’s and the served answer’s, for the period and settings asked for', async () => {
  const source = createReportSource(store)
  const terms = { waivers: [], scorers: [], at: new Date() }
  const importedOf = async (fingerprint: string, until: string) => {
    const period = { until: new Date(until) }
    return (await source.scoring({ arm: 'subtle', fingerprint, controlFingerprint: null, period }, terms)).imported
  }
  const shown = await importedOf(candidateArm.fingerprint, '2099-01-01')

  deepEqual(shown[0], {
    name: 'helpful',
    by: 'ana',
    candidate: { scored: 2, mean: 0.75 },
    control: { scored: 1, mean: 1 },
    served: { scored: 1, mean: 0.25 },
  })
  equal((await importedOf('other', '2099-01-01'))[0]!.candidate.scored, 0)
  equal((await importedOf(candidateArm.fingerprint, '2020-01-01')).length, 0)
})
