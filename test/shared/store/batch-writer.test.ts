import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnderstudyError } from '../../../shared/errors.ts'
import { createBatchWriter } from '../../../shared/store/batch-writer.ts'

type Insert = { table: string; ids: number[] }

/** Stores what it is given, and refuses what `refuses` says. */
function pretendStore(refuses: (insert: Insert) => Error | null = () => null) {
  const stored: Insert[] = []
  const tried: Insert[] = []
  const insert = async (table: string, rows: object[]): Promise<void> => {
    const seen = { table, ids: (rows as { id: number }[]).map((row) => row.id) }
    tried.push(seen)
    const refusal = refuses(seen)
    if (refusal !== null) throw refusal
    stored.push(seen)
  }
  return { store: { insert }, stored, tried }
}

const rows = (table: string, ...ids: number[]) => new Map([[table, ids.map((id) => ({ id }))]])
const limits = { maxRows: 1000, maxBytes: 1_000_000, maxWaitMs: 5 }

test('writes that come together are stored in one insert per table', async () => {
  const { store, stored } = pretendStore()
  const writer = createBatchWriter(store, limits)

  await Promise.all([writer.write(rows('a', 1, 2)), writer.write(rows('b', 3)), writer.write(rows('a', 4))])

  assert.deepEqual(stored, [
    { table: 'a', ids: [1, 2, 4] },
    { table: 'b', ids: [3] },
  ])
})

for (const [name, bound] of [
  ['rows', { maxRows: 2, maxBytes: 1_000_000 }],
  ['bytes', { maxRows: 1000, maxBytes: 10 }],
] as const) {
  test(`enough ${name} are stored without waiting`, async () => {
    const { store, stored } = pretendStore()
    const writer = createBatchWriter(store, { ...bound, maxWaitMs: 60_000 })

    await writer.write(rows('a', 1, 2))

    assert.equal(stored.length, 1)
  })
}

test('a write is settled only after its rows are stored', async () => {
  const release = Promise.withResolvers<void>()
  const writer = createBatchWriter({ insert: () => release.promise }, { ...limits, maxRows: 1 })
  let settled = false
  const write = writer.write(rows('a', 1)).then(() => (settled = true))

  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(settled, false)
  release.resolve()
  await write
  assert.equal(settled, true)
})

test('a row that the store refuses fails its own write and no other', async () => {
  const refusal = new UnderstudyError('STORE_QUERY_FAILED', 'refused')
  const { store, stored } = pretendStore(({ ids }) => (ids.includes(13) ? refusal : null))
  const writer = createBatchWriter(store, limits)

  const endings = await Promise.allSettled([
    writer.write(rows('a', 1)),
    writer.write(rows('a', 13)),
    writer.write(rows('a', 2)),
  ])

  assert.deepEqual(
    endings.map((ending) => ending.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(
    stored.flatMap((insert) => insert.ids),
    [1, 2],
  )
})

test('a store that is down fails every write at once with its retryable error, and works again when it is up', async () => {
  let isDown = true
  const down = new UnderstudyError('STORE_UNAVAILABLE', 'down')
  const { store, stored, tried } = pretendStore(() => (isDown ? down : null))
  const writer = createBatchWriter(store, limits)

  const endings = await Promise.allSettled([writer.write(rows('a', 1)), writer.write(rows('a', 2))])
  assert.deepEqual(
    endings.map((ending) => ending.status === 'rejected' && ending.reason),
    [down, down],
  )
  assert.equal(tried.length, 1)

  isDown = false
  await writer.write(rows('a', 1))
  assert.deepEqual(stored.at(-1)?.ids, [1])
})

test('closing stores what waits', async () => {
  const { store, stored } = pretendStore()
  const writer = createBatchWriter(store, { ...limits, maxWaitMs: 60_000 })
  const write = writer.write(rows('a', 1))

  await writer.close()
  await write

  assert.deepEqual(stored[0]?.ids, [1])
})
