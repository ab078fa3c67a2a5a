import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger, startOfHourMs } from '../../../services/tap/ledger.ts'
import { type LogRecord } from '../../../shared/log/topic-log.ts'

const hourMs = startOfHourMs(Date.parse('2026-11-21T04:31:07.123Z'))
const key = { hourMs, upstream: 'openai', route: 'default' }
const parsed = (records: LogRecord[]) => records.map(({ value }) => JSON.parse(String(value)))

test('counts are published as differences by hour, upstream, route, outcome and reason', async () => {
  const sent: LogRecord[][] = []
  const ledger = createLedger(async (records) => void sent.push(records))

  ledger.count(key, 'served')
  ledger.count(key, 'served')
  ledger.count({ ...key, route: 'other' }, 'served')
  ledger.count(key, 'dropped', 'queue_full')
  await ledger.flush()
  ledger.count(key, 'served')
  await ledger.flush()
  await ledger.flush()

  deepEqual(
    sent.map((records) =>
      parsed(records).map((entry) => [entry.hour, entry.route, entry.outcome, entry.reason, entry.count]),
    ),
    [
      [
        ['2026-11-21T04:00:00.000Z', 'default', 'served', null, 2],
        ['2026-11-21T04:00:00.000Z', 'other', 'served', null, 1],
        ['2026-11-21T04:00:00.000Z', 'default', 'dropped', 'queue_full', 1],
      ],
      [['2026-11-21T04:00:00.000Z', 'default', 'served', null, 1]],
    ],
  )
})

test('what was not acknowledged is sent again under the same ids, and what was counted since comes after it', async () => {
  const sent: LogRecord[][] = []
  let away = true
  const ledger = createLedger(async (records) => {
    sent.push(records)
    if (away) throw new Error('away')
  })

  ledger.count(key, 'served')
  await rejects(ledger.flush())
  ledger.count(key, 'served')
  away = false
  await ledger.flush()

  equal(sent.length, 3)
  deepEqual(parsed(sent[1]!), parsed(sent[0]!))
  deepEqual(
    parsed(sent[2]!).map(({ count }) => count),
    [1],
  )
})

test('what has been served and has no outcome yet is pending', () => {
  const ledger = createLedger(async () => {})
  for (let i = 0; i < 6; i += 1) ledger.count(key, 'served')
  ledger.count(key, 'published')
  ledger.count(key, 'dropped', 'a')
  ledger.count(key, 'unsupported')

  equal(ledger.totals().pending, 3)
  deepEqual(ledger.totals().droppedByReason, { a: 1 })
})
