import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'

/** A store of the real engine for the tests of one file, with every table and no row; gone after them. */
export async function migratedStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-store-'))
  const store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  after(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return store
}
