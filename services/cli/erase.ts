import { type Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { type Keyring, openKeyring } from '../../shared/encryption/keyring.ts'
import { openRecord } from '../../shared/encryption/sealed-log.ts'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { hashOf, type Subject } from '../../shared/erasure/about.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { openClaimStore } from '../../shared/log/claims/claim-store.ts'
import { createLogger, silentLogger } from '../../shared/logger.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { openStore } from '../../shared/store/open.ts'
import { auditRow } from '../record/rows.ts'
import { conversationIdOf, tenantIdOf } from '../tap/conversation.ts'
import { auditEntry, personHere } from './audit-trail.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { eraseEverywhere, type Erasure } from './erase/erase-everywhere.ts'
import { type Line } from './erase/place.ts'
import { type TextOf } from './erase/places.ts'

type EraseOptions = CommonOptions & {
  conversation?: string[]
  tenant?: string[]
  exchange?: string[]
  yes?: boolean
}

const help = `
  --conversation   what x-understudy-conversation said, or the user (user, metadata.user_id), or the id as it is stored
  --tenant         what the header tap.tenantHeader said
  --exchange       the exchange's id

Texts and numbers go from the spool, the embedded log, every table of the store and the notes of replay. Then all of these are
searched again. Exit code 1 where anything is left. A topic of Kafka cannot be erased from: how long each keeps what was written is
told; large records that are kept beside it are erased. Whatever comes later of what was erased (from a topic, a dead letter, an
import) is not stored. What the same people say from now on is.

The embedded store has one owner: stop understudy up first. Not searched: backups, exported reports, a ClickHouse server's own
logs; and what running processes of replay and compare remember in memory, until they end.
`

export function eraseCommand(): Command {
  const more = (value: string, earlier: string[] = []) => [...earlier, value]
  return command('erase', 'take all that is kept of a conversation, a tenant or an exchange away, and prove it')
    .option('--conversation <id>', 'all exchanges of a conversation; may be given several times', more)
    .option('--tenant <name>', 'all exchanges of a tenant; may be given several times', more)
    .option('--exchange <id>', 'one exchange; may be given several times', more)
    .option('--yes', 'do it; without, only what would be erased is shown')
    .addHelpText('after', help)
    .action(async (options: EraseOptions) => {
      const subjects = subjectsIn(options)
      const config = configOf(options)
      const erasure = await erase(config, subjects, options.yes === true)
      print(options, erasure, describeErasure(erasure, options.yes === true))
      if (options.yes === true && !erasure.isDone) process.exitCode = 1
    })
}

async function erase(config: Config, subjects: readonly Subject[], isMeantSeriously: boolean): Promise<Erasure> {
  const logger = createLogger('erase', 'warn')
  const store = await openStore(config.store, { logger, access: 'owner' })
  try {
    await migrate(store, { retention: config.retention })
    const topics =
      'kafka' in config.log
        ? await (await import('../../shared/log/kafka.ts')).topicRetention(config.log.kafka, silentLogger)
        : []
    const textOf = textsBy(openKeyring(config.store.encryption))
    const audit = async (done: Pick<Erasure, 'exchanges' | 'isDone'>) => {
      if (isMeantSeriously) await store.insert('audit_log', [auditRow(auditEntry(actOf(subjects, done), personHere()))])
    }
    const claimCheck = 'kafka' in config.log ? config.log.kafka.claimCheck : undefined
    const claims = claimCheck === undefined ? null : await openClaimStore(claimCheck)
    const context = { config, store, topics, claims, textOf, now: new Date(), isMeantSeriously }
    const erasure = await eraseEverywhere(subjects, context).catch(async (err: unknown) => {
      // Some of it may be gone.
      await audit({ exchanges: 0, isDone: false })
      throw err
    })
    await audit(erasure)
    return erasure
  } finally {
    await store.close()
  }
}

/** Hashes only: whom it was about is what nobody is to know any more. Who knows an id can still find that it was erased. */
function actOf(subjects: readonly Subject[], { exchanges, isDone }: Pick<Erasure, 'exchanges' | 'isDone'>): Act {
  const kinds = [...new Set(subjects.map(({ kind }) => kind))].join(', ')
  return { action: 'erased', subject: kinds, details: { exchanges, isDone, hashes: subjects.map(hashOf) } }
}

/** A record that does not open is known by its key alone. */
export function textsBy(keyring: Keyring): TextOf {
  return ({ topic, key, value }) => {
    try {
      return openRecord(topic, key, value, keyring)
    } catch {
      return null
    }
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** USAGE: nothing was named, or an exchange by what is no id. */
export function subjectsIn({ conversation = [], tenant = [], exchange = [] }: EraseOptions): Subject[] {
  const ofExchanges = exchange.map((id): Subject => {
    if (!uuid.test(id.toLowerCase()))
      throw new UnderstudyError(
        'USAGE',
        `--exchange "${id}" is no exchange's id: it is a UUID, as in the report and in exchange_id`,
      )
    return { kind: 'exchange', id: id.toLowerCase() }
  })
  const ofTenants = tenant.map((name): Subject => {
    const id = tenantIdOf(name)
    if (id === null) throw new UnderstudyError('USAGE', '--tenant is empty: give what the header said')
    return { kind: 'tenant', id }
  })
  const subjects = [...ofExchanges, ...ofTenants, ...conversation.flatMap(conversationsNamed)]
  if (subjects.length === 0)
    throw new UnderstudyError('USAGE', 'say what to erase: --conversation ID, --tenant NAME or --exchange ID')
  return subjects
}

/** All that a person may know a conversation by. */
function conversationsNamed(name: string): Subject[] {
  if (name.trim() === '') throw new UnderstudyError('USAGE', '--conversation is empty: give its id')
  const nothing = { header: null, userKey: null, opening: '', exchangeId: '' }
  const ids = [name, conversationIdOf({ ...nothing, header: name }), conversationIdOf({ ...nothing, userKey: name })]
  return ids.map((id) => ({ kind: 'conversation', id }))
}

export function describeErasure({ exchanges, lines, isDone, listedUntil }: Erasure, isMeantSeriously: boolean): string {
  const head = `${exchanges} ${exchanges === 1 ? 'exchange' : 'exchanges'}`
  const table = describeLines(lines)
  if (!isMeantSeriously) return `${head} would be erased:\n\n${table}\n\nnothing was erased: add --yes to do it`
  const ending = isDone
    ? 'nothing of it is left, but for what is said above to expire'
    : 'NOT ALL OF IT IS GONE: end what still uses the places above (a tap holds its spool), then do this again'
  return [
    `${head} erased:\n\n${table}\n`,
    ending,
    `what comes later of them is not stored, until ${listedUntil}`,
    'the ledger keeps how many there were, by hour, upstream and route; verdicts are made of what is left from now on',
  ].join('\n')
}

function describeLines(lines: readonly Line[]): string {
  const number = (value: number | null) => (value === null ? '-' : String(value))
  const cells = [
    ['where', 'found', 'erased', 'left'],
    ...lines.map(({ where, found, erased, left }) => [where, number(found), number(erased), number(left)]),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells
    .map((row, index) => {
      const [where, ...counts] = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      const note = lines[index - 1]?.note
      return `  ${where}  ${counts.join('  ')}${note ? `  ${note}` : ''}`
    })
    .join('\n')
}
