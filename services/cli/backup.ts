import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Command } from 'commander'
import { z } from 'zod'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { stateFileOf } from '../../shared/limits/open.ts'
import { knownMigrations } from '../../shared/store/migrations.ts'
import { personHere, writeAudit } from './audit-trail.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'

/** What a backup says of itself, written last: a folder without it is not whole. */
const Manifest = z.object({
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  by: z.string(),
  migrations: z.array(z.string()),
  /** Rows by table. */
  tables: z.record(z.string(), z.number()),
  /** Files of the embedded log that are in it. */
  files: z.array(z.string()),
})
export type Manifest = z.infer<typeof Manifest>

const help = `
Stop understudy up first: the embedded store has one owner. The folder then holds the store's tables, and the embedded log with the
limits and budgets beside it. The spool is not in it: a tap that was stopped while its log took records leaves nothing there. A
ClickHouse server and Kafka have backups of their own. Sealed texts stay sealed: keep the keys elsewhere.
`

export function backupCommand(): Command {
  return command('backup', 'copy the embedded store and log into a folder')
    .argument('<folder>', 'a new or empty folder')
    .addHelpText('after', help)
    .action(async (folder: string, options: CommonOptions) => {
      const config = configOf(options)
      const manifest = await backup(config, folder)
      await writeAudit(config, { action: 'backed_up', subject: resolve(folder) })
      print(options, manifest, `${describe(manifest)}\nin ${resolve(folder)}`)
    })
}

export function restoreCommand(): Command {
  return command('restore', 'make store and log what they were when a backup was made')
    .argument('<folder>', 'what understudy backup has made')
    .addHelpText('after', '\nInto the folders of the config, which must not be there yet.\n')
    .action(async (folder: string, options: CommonOptions) => {
      const config = configOf(options)
      const manifest = await restore(config, folder)
      await writeAudit(config, {
        action: 'restored',
        subject: resolve(folder),
        details: { createdAt: manifest.createdAt },
      })
      const warning = `what was erased after ${manifest.createdAt} is back: erase it again before anything else`
      print(options, manifest, `${describe(manifest)}\nrestored as of ${manifest.createdAt}; ${warning}`)
    })
}

function describe({ tables, files }: Manifest): string {
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0)
  return `${rows} rows of ${Object.keys(tables).length} tables${files.length === 0 ? '' : `, ${files.join(', ')}`}`
}

export async function backup(config: Pick<Config, 'store' | 'log'>, folder: string): Promise<Manifest> {
  const store = storeFolder(config)
  const target = resolve(folder)
  if (!existsSync(store)) throw usage(`there is no store in ${store}: nothing to back up`)
  if (existsSync(target) && readdirSync(target).length > 0) throw usage(`${target} is not empty: name a new folder`)
  makeFolder(target)
  const { backupStore } = await import('../../shared/store/backup.ts')
  const tables = await backupStore(store, join(target, 'store'))
  // After the store: what came meanwhile is in the log, to be stored once more, which is counted once.
  const files = logFiles(config).filter(([, file]) => existsSync(file))
  for (const [name, file] of files) copyDatabase(file, join(target, name))
  const manifest: Manifest = {
    version: 1,
    createdAt: new Date().toISOString(),
    by: personHere(),
    migrations: knownMigrations().map(({ name }) => name),
    tables,
    files: files.map(([name]) => name),
  }
  writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

export async function restore(config: Pick<Config, 'store' | 'log'>, folder: string): Promise<Manifest> {
  const store = storeFolder(config)
  const source = resolve(folder)
  const manifest = readManifest(source)
  refuseNewer(manifest)
  const files = logFiles(config).filter(([name]) => manifest.files.includes(name))
  const inTheWay = [store, ...files.map(([, file]) => file)].filter((path) => existsSync(path) && !isEmptyFolder(path))
  if (inTheWay.length > 0)
    throw usage(
      `${inTheWay.join(' and ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already: move it away, or name others in the config`,
    )
  makeFolder(dirname(store))
  const { restoreStore } = await import('../../shared/store/backup.ts')
  const tables = await restoreStore(store, join(source, 'store'))
  const short = Object.entries(manifest.tables).filter(([table, rows]) => tables[table] !== rows)
  if (short.length > 0) {
    const told = short.map(([table, rows]) => `${table} has ${tables[table] ?? 0} rows of ${rows}`).join(', ')
    throw new UnderstudyError('BACKUP_UNUSABLE', `${source} is damaged: ${told}. Take another backup; remove ${store}`)
  }
  for (const [name, file] of files) {
    makeFolder(dirname(file))
    copyFileSync(join(source, name), file)
  }
  return manifest
}

function storeFolder({ store }: Pick<Config, 'store'>): string {
  if ('embedded' in store) return store.embedded
  throw usage(
    'store.clickhouse is a server: back it up there, as with BACKUP DATABASE … TO Disk(…), and restore it there; this is for the embedded store',
  )
}

/** Name in the backup, and place on this machine. */
function logFiles({ log }: Pick<Config, 'log'>): [name: string, file: string][] {
  if (!('embedded' in log)) return []
  return [
    ['log.db', log.embedded],
    ['log.db-replay', stateFileOf(log.embedded)],
  ]
}

/** One moment of the file, whoever writes to it. */
function copyDatabase(file: string, target: string): void {
  const db = new DatabaseSync(file, { timeout: 5_000 })
  try {
    db.prepare('VACUUM INTO ?').run(target)
  } finally {
    db.close()
  }
}

function readManifest(source: string): Manifest {
  const file = join(source, 'manifest.json')
  if (!existsSync(file))
    throw usage(`${source} is no backup, or not a whole one: it has no manifest.json, which is written last`)
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new UnderstudyError('BACKUP_UNUSABLE', `${file} cannot be read: take another backup`, { cause })
  }
}

function refuseNewer({ migrations }: Manifest): void {
  const known = new Set(knownMigrations().map(({ name }) => name))
  const newer = migrations.filter((name) => !known.has(name))
  if (newer.length === 0) return
  throw new UnderstudyError(
    'STORE_SCHEMA_NEWER',
    `the backup was made by a newer Understudy (${newer.join(', ')}): restore it with that version or a newer one`,
  )
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0
  } catch {
    return false
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw new UnderstudyError('USAGE', `the folder ${path} cannot be made (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    })
  }
}

function usage(message: string): UnderstudyError {
  return new UnderstudyError('USAGE', message)
}
