import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBatchWriter } from '../../../shared/store/batch-writer.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { blockOf, rowsInBlock } from './kill/blocks.ts'

/** A handful; so many times more with UNDERSTUDY_KILLS. */
const kills = 5 * Number(process.env['UNDERSTUDY_KILLS'] ?? 1)
const root = mkdtempSync(join(tmpdir(), 'understudy-kill-'))

after(() => rmSync(root, { recursive: true, force: true }))

async function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbedded(folder, 'embedded')
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Lets a child store blocks from `first` on and kills it at a random moment. The last block that was acknowledged. */
async function storeUntilKilled(context: TestContext, folder: string, first: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'kill', 'child.ts'), [folder, `${first}`], { execArgv: [] })
  context.after(() => child.kill('SIGKILL'))
  let acknowledged = first - 1
  child.on('message', (message: number | 'open') => {
    if (message !== 'open') acknowledged = message
  })
  await once(child, 'message')
  // In the middle of its work, but for one in eight: those die at any moment of their start.
  if (Math.random() > 1 / 8) await once(child, 'message')
  await sleep(Math.random() * 150)
  const gone = once(child, 'close')
  child.kill('SIGKILL')
  await gone
  return acknowledged
}

test(`a store whose process is killed ${kills} times in the middle of inserts has every row it acknowledged`, async (context) => {
  const folder = join(root, 'killed')
  await withStore(folder, (store) => migrate(store))
  let acknowledged = -1
  let leftBehind = 0
  for (let kill = 0; kill < kills; kill++) {
    // As the log does: what was not acknowledged is handed over again.
    acknowledged = await storeUntilKilled(context, folder, acknowledged + 1)
    if (existsSync(join(folder, 'inserts')) && readdirSync(join(folder, 'inserts')).length > 0) leftBehind++
  }
  assert.ok(acknowledged >= 0)

  await withStore(folder, async (store) => {
    assert.ok(!existsSync(join(folder, 'inserts')), 'nothing that was on its way in is left on the disk')
    const ids = (blocks: number): string[] =>
      Array.from({ length: blocks }, (_, block) => blockOf(block)).flatMap((rows) =>
        rows.map((row) => (row as { comparison_id: string }).comparison_id),
      )
    const rows = await store.query<{ id: string }>('SELECT toString(comparison_id) AS id FROM comparisons_unique')
    const stored = rows.map(({ id }) => id).toSorted()
    const wanted = ids(acknowledged + 1).toSorted()
    // The one on its way when the last child was killed may be in, whole.
    const expected = stored.length === wanted.length ? wanted : ids(acknowledged + 2).toSorted()
    assert.deepEqual(stored, expected)
    const [raw] = await store.query<{ n: number }>('SELECT toFloat64(count()) AS n FROM comparisons')
    assert.ok(raw!.n - stored.length <= kills * rowsInBlock, 'at most what was in hand at a kill is there twice')
    context.diagnostic(
      `${acknowledged + 1} blocks acknowledged over ${kills} kills; ${leftBehind} kills left a file of an insert behind; ${raw!.n - stored.length} rows twice in the table`,
    )
  })
})

/** As the stage `record` does. */
async function record(store: Store): Promise<void> {
  const writer = createBatchWriter(store, { maxRows: rowsInBlock, maxBytes: 1e9, maxWaitMs: 1 })
  await writer.write(new Map([['comparisons', blockOf(0)]]))
}

test('rows that the engine wrote down as known, and lost, are stored when they come again', async () => {
  const folder = join(root, 'lost')
  // What is on the disk when a process is killed between the engine's note of a block and the block itself.
  const part = await withStore(folder, async (store) => {
    await migrate(store)
    await record(store)
    const parts = await store.query<{ path: string }>(
      "SELECT path FROM system.parts WHERE active AND table = 'comparisons' AND database = currentDatabase()",
    )
    return parts[0]!.path
  })
  rmSync(part, { recursive: true })

  await withStore(folder, async (store) => {
    assert.deepEqual(await store.query('SELECT count() AS n FROM comparisons'), [{ n: 0 }])
    await record(store)
    assert.deepEqual(await store.query('SELECT count() AS n FROM comparisons'), [{ n: rowsInBlock }])
  })
})
