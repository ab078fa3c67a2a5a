import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepSettling } from '../../../services/record/settle-days.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Logger, silentLogger } from '../../../shared/logger.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { migratedStore } from '../../support/migrated-store.ts'
import { aPairRow } from '../../support/pair-rows.ts'

const store = await migratedStore()
const rows = Array.from({ length: 5_000 }, (_, index) =>
  aPairRow(index, { capturedAtMs: Date.UTC(2026, 0, 2) + index }),
)

const settled = () =>
  store.query<{ arm: string; day: string }>(
    'SELECT toString(arm) AS arm, toString(day) AS day FROM settled_days ORDER BY arm',
  )

test('past days are settled along the way, also after an attempt that failed, which is told with its code', async () => {
  await store.insert(
    'comparisons',
    rows.map((row) => comparisonRow(row, "o'neil")),
  )
  const told: unknown[] = []
  const logger = {
    ...silentLogger,
    info: () => {},
    warn: ({ code }: { code: unknown }) => told.push(code),
  } as unknown as Logger
  const command = async (sql: string) => {
    if (told.length === 0) throw new UnderstudyError('STORE_UNAVAILABLE', 'not now')
    await store.command(sql)
  }

  const settling = keepSettling({ store: { ...store, command }, logger }, { firstMs: 0, everyMs: 10 })
  const deadline = Date.now() + 60_000
  while ((await settled()).length < 2 && Date.now() < deadline) await sleep(20)
  await settling.stop()

  deepEqual(told, ['STORE_UNAVAILABLE'])
  deepEqual(await settled(), [
    { arm: '', day: '2026-01-02' },
    { arm: "o'neil", day: '2026-01-02' },
  ])
  const [row] = await store.query<{ exchanges: number }>(
    `SELECT toFloat64(exchanges) AS exchanges FROM equivalence_summary(candidate = {arm:String}, since = '2026-01-01')`,
    { arm: "o'neil" },
  )
  equal(row!.exchanges, rows.length)
})

test('who stops before the first time is not kept waiting', async () => {
  const settling = keepSettling({ store, logger: silentLogger }, { firstMs: 60_000, everyMs: 60_000 })
  const begun = performance.now()
  await settling.stop()
  ok(performance.now() - begun < 5_000)
})
