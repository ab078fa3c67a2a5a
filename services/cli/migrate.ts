import { type Command } from 'commander'
import { createLogger } from '../../shared/logger.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { openStore } from '../../shared/store/open.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'

export function migrateCommand(): Command {
  return command('migrate', 'bring the store’s tables and views up to date').action(async (options: CommonOptions) => {
    const config = configOf(options)
    const store = await openStore(config.store, { logger: createLogger('migrate', 'warn'), access: 'owner' })
    try {
      const { applied } = await migrate(store, { retention: config.retention })
      const text = applied.length === 0 ? 'nothing to do: the store is up to date' : `applied ${applied.join(', ')}`
      print(options, { applied }, text)
    } finally {
      await store.close()
    }
  })
}
