import { type Command } from 'commander'
import { openKeyring, requireActiveKey } from '../../shared/encryption/keyring.ts'
import { type Reencrypted, reencrypt } from '../../shared/encryption/reencrypt.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { createLogger } from '../../shared/logger.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { openStore } from '../../shared/store/open.ts'
import { auditRow } from '../record/rows.ts'
import { auditEntry, personHere } from './audit-trail.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'

const help = `
To change the key: add the new one to store.encryption.keys, name it in active, restart; what is written from then on has it. Then run this,
with the embedded store stopped. The old key may go when it is done and the log and the spool have been read (an hour; on Kafka
after the topics' retention). Without active, everything that is sealed is opened again.
`

export function reencryptCommand(): Command {
  return command('reencrypt', 'seal everything that is stored with the active key')
    .addHelpText('after', help)
    .action(async (options: CommonOptions) => {
      const config = configOf(options)
      if (config.store.encryption === undefined)
        throw new UnderstudyError('USAGE', 'store.encryption is not in the config: there is no key to seal with')
      const keyring = openKeyring(config.store.encryption)
      requireActiveKey(keyring)
      const store = await openStore(config.store, { logger: createLogger('reencrypt', 'warn'), access: 'owner' })
      try {
        await migrate(store, { retention: config.retention })
        const tables = await reencrypt(store, keyring)
        const rows = tables.reduce((sum, { rewritten }) => sum + rewritten, 0)
        const act = { action: 'reencrypted', subject: keyring.activeId ?? 'no key', details: { rows } } as const
        await store.insert('audit_log', [auditRow(auditEntry(act, personHere()))])
        print(options, { active: keyring.activeId, tables }, describe(tables))
        if (tables.some(({ left }) => left > 0)) process.exitCode = 1
      } finally {
        await store.close()
      }
    })
}

function describe(tables: readonly Reencrypted[]): string {
  return tables
    .map(({ table, rewritten, unreadable, left }) => {
      const closed =
        unreadable === 0 ? '' : `, ${unreadable} cannot be opened (understudy doctor says which key is missing)`
      return `${table.padEnd(20)} ${rewritten} rewritten, ${left} left as they were${closed}`
    })
    .join('\n')
}
