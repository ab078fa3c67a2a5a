import { type Config } from '../../shared/config/schema.ts'
import { createLogger } from '../../shared/logger.ts'
import { openStore } from '../../shared/store/open.ts'
import { type Store } from '../../shared/store/store.ts'

/** Runs `work` on the store, opened for reading: through its owner where one is running, else directly. */
export async function withReader<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(config.store, { logger: createLogger('store', 'warn'), access: 'reader' })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
