import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createReadCache } from '../../../shared/limits/read-cache.ts'

test('what was read is remembered until another connection commits', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-read-cache-'))
  const [ours, theirs] = [1, 2].map(() => new DatabaseSync(join(folder, 'db')))
  context.after(() => {
    ours!.close()
    theirs!.close()
    rmSync(folder, { recursive: true, force: true })
  })
  ours!.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)')
  const cache = createReadCache(ours!)
  let reads = 0
  const read = (): number => {
    cache.refresh()
    return cache.get('n', () => {
      reads++
      return ours!.prepare('SELECT n FROM t').get()!['n'] as number
    })
  }
  assert.deepEqual([read(), read(), reads], [1, 1, 1])

  ours!.exec('UPDATE t SET n = 3')
  cache.add('n', 2)
  cache.add('never read', 2)
  assert.deepEqual([read(), reads], [3, 1])

  theirs!.exec('UPDATE t SET n = 9')
  assert.deepEqual([read(), reads], [9, 2])
})
