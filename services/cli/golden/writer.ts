import { setTimeout as sleep } from 'node:timers/promises'
import { type Config } from '../../../shared/config/schema.ts'
import { type Act, type AuditEntry } from '../../../shared/contracts/audit-entry.ts'
import { errorCode, UnderstudyError } from '../../../shared/errors.ts'
import { createLogger } from '../../../shared/logger.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { openStore } from '../../../shared/store/open.ts'
import { type Store } from '../../../shared/store/store.ts'
import { auditRow } from '../../record/rows.ts'
import { auditEntry, personHere, writeAudit } from '../audit-trail.ts'
import { withReader } from '../reader.ts'

/** Runs `work` on the store, opened to write. STORE_LOCKED where another process owns it, with what to do then. */
export async function withWriter<T>(config: Config, otherwise: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openOwned(config, otherwise)
  try {
    await migrate(store, { retention: config.retention })
    return await work(store)
  } finally {
    await store.close()
  }
}

async function openOwned(config: Config, otherwise: string): Promise<Store> {
  try {
    return await openStore(config.store, { logger: createLogger('golden', 'warn'), access: 'owner' })
  } catch (err) {
    if (errorCode(err) !== 'STORE_LOCKED') throw err
    const message = `the embedded store is in use: stop understudy up first${otherwise === '' ? '' : `, or ${otherwise}`}`
    throw new UnderstudyError('STORE_LOCKED', message, { cause: err })
  }
}

export async function insertAudit(store: Pick<Store, 'insert'>, act: Act): Promise<void> {
  await store.insert('audit_log', [auditRow(auditEntry(act, personHere()))])
}

/** How long `record` may take to store what the log has. */
const longestMs = 60_000

/**
 * Resolves when the store has it, whoever owns that: what is done next must never be seen without it. `isThere`: it is there already.
 * STORE_UNAVAILABLE where nobody stores it.
 */
export async function recordFirst(
  config: Config,
  act: Act,
  isThere: (store: Pick<Store, 'query'>) => Promise<boolean>,
): Promise<void> {
  if (await withReader(config, isThere)) return
  try {
    return await withWriter(config, '', (store) => insertAudit(store, act))
  } catch (err) {
    if (errorCode(err) !== 'STORE_LOCKED') throw err
  }
  await writeAudit(config, act satisfies Pick<AuditEntry, 'action' | 'subject'>)
  for (const until = Date.now() + longestMs; Date.now() < until; await sleep(500)) {
    if (await withReader(config, isThere)) return
  }
  const cure = 'start record (understudy up), and do this again'
  throw new UnderstudyError('STORE_UNAVAILABLE', `the audit log does not say yet that the hold-out is opened: ${cure}`)
}
