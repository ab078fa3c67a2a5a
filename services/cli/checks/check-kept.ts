import { type Config } from '../../../shared/config/schema.ts'
import { withDeadline } from '../../../shared/log/deadline.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { openStore } from '../../../shared/store/open.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Check, warn } from './check.ts'
import { checkDisks } from './disk.ts'
import { checkLag, checkSpool, checkTables } from './kept.ts'
import { checkServer } from './server.ts'

/** Room on the disks, the state of the tables, how far stages are behind, what waits in the spool. */
export async function checkKept(config: Config, timeoutMs: number): Promise<Check[]> {
  const disks = checkDisks(config)
  // What cannot be opened for want of a disk is told once.
  if (disks.some(({ state, detail }) => state === 'fail' && !detail.includes('the disk is full'))) return disks
  const openedStore = () => openStore(config.store, { logger: silentLogger, access: 'reader' })
  const openedLog = () => openTopicLog(config.log, { logger: silentLogger, clientId: 'understudy-doctor' })
  const [tables, lags] = await Promise.all([
    looked('store state', openedStore, (store) => checkStore(store, config), timeoutMs),
    looked('log state', openedLog, (log) => checkLag(log, config), timeoutMs),
  ])
  return [...disks, ...tables, ...lags, checkSpool(config.tap)]
}

async function checkStore(store: Store, config: Config): Promise<Check[]> {
  return [...(await checkTables(store, config)), ...(store.kind === 'server' ? await checkServer(store) : [])]
}

/** Nothing where it does not open: that is told by the check of the part itself. */
async function looked<Part extends { close(): Promise<void> }>(
  name: string,
  open: () => Promise<Part>,
  look: (part: Part) => Promise<Check[]>,
  timeoutMs: number,
): Promise<Check[]> {
  const part = await open().catch(() => null)
  if (part === null) return []
  try {
    return await withDeadline(look(part), timeoutMs, 'no answer in time')
  } catch (err) {
    return [
      warn(name, `cannot be looked at: ${(err as Error).message}`, 'the line above may say why; else run doctor again'),
    ]
  } finally {
    await part.close()
  }
}
