// Uses a folder as the stages do, and prints what they are told, one JSON line each.
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkDisks } from '../../../../services/cli/checks/disk.ts'
import { type Config } from '../../../../shared/config/schema.ts'
import { type UnderstudyError } from '../../../../shared/errors.ts'
import { openTopicLog } from '../../../../shared/log/open.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { openStore } from '../../../../shared/store/open.ts'

const [folder = '', leftBytes = ''] = process.argv.slice(2)
const config = {
  store: { embedded: join(folder, 'store'), listen: '127.0.0.1:1' },
  log: { embedded: join(folder, 'log.db') },
  tap: { spool: { folder: join(folder, 'spool') } } as Config['tap'],
}

async function told(what: string, work: () => Promise<void>): Promise<void> {
  const answer = await work().then(
    () => ({ what, code: null, message: '' }),
    ({ code, message }: UnderstudyError) => ({ what, code, message }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

const row = (id: number) => ({
  entry_id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  at: '2026-11-20T10:00:00Z',
  actor: 'x'.repeat(100),
})

await told('store', async () => {
  const store = await openStore(config.store, { logger, access: 'owner' })
  try {
    await migrate(store)
    if (leftBytes !== '') fill()
    await store.insert(
      'audit_log',
      Array.from({ length: 1000 }, (_, id) => row(id)),
    )
  } finally {
    await store.close()
  }
})
await told('log', async () => {
  const log = await openTopicLog(config.log, { logger, clientId: 'test' })
  try {
    await log.publish('exchanges', [{ key: 'k', value: 'x'.repeat(4_000_000) }])
  } finally {
    await log.close()
  }
})
process.stdout.write(`${JSON.stringify({ what: 'doctor', checks: checkDisks(config) })}\n`)

function fill(): void {
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(join(folder, 'rest'), Buffer.alloc(bavail * bsize - Number(leftBytes)))
}
