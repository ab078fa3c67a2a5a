import { existsSync } from 'node:fs'
import { type Config } from '../../../shared/config/schema.ts'
import { type About, aboutOf, type IsMeant } from '../../../shared/erasure/about.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openTables, transactionsOf } from '../../../shared/limits/tables.ts'
import { eachClaimed } from '../../../shared/log/claims/claimed-log.ts'
import { type ClaimStore } from '../../../shared/log/claims/claim-store.ts'
import { eachRecord, eraseRecords, type StoredValue } from '../../../shared/log/embedded/erase.ts'
import { topics } from '../../../shared/log/topic-log.ts'
import { countErasing, deleteErasing } from '../../../shared/store/erase.ts'
import { type Store } from '../../../shared/store/store.ts'
import { eachSpooled, eraseSpooled, spoolFolders } from '../../tap/spool/erase.ts'
import { type Letters } from './letters.ts'
import { type Place } from './place.ts'

/** The text of a record of a topic, as JSON; null: it cannot be read. */
export type TextOf = (record: { topic: string; key: string; value: Uint8Array }) => string | null

/** A dead letter is about whom its record is. What cannot be read is still known by its key, which is the conversation. */
export function aboutRecord(record: { topic: string; key: string; value: Uint8Array }, textOf: TextOf): About | null {
  const text = textOf(record)
  const read = record.topic === 'dead-letters' ? aboutLetter : aboutOf
  return (text === null ? null : read(text, textOf)) ?? aboutKey(record.key)
}

function aboutLetter(letter: string, textOf: TextOf): About | null {
  try {
    const { topic, key, valueBase64 } = JSON.parse(letter) as Record<string, string>
    return aboutRecord({ topic: topic!, key: key!, value: Buffer.from(valueBase64!, 'base64') }, textOf)
  } catch {
    return null
  }
}

function aboutKey(key: string): About {
  return { exchangeId: null, conversationId: key, tenantId: null, capturedAt: null, counted: null }
}

export function tablePlace(store: Store, table: string): Place {
  return {
    name: `table ${table}`,
    count: () => countErasing(store, table),
    erase: async (found) => (found === 0 ? undefined : await deleteErasing(store, table)),
  }
}

export function lettersPlace(letters: Letters, isMeant: IsMeant): Place {
  return {
    name: 'table dead_letters',
    count: async () => (await letters.idsOf(isMeant)).length,
    erase: () => letters.erase(isMeant),
  }
}

export function spoolPlaces(folder: string, isMeant: IsMeant, textOf: TextOf): Place[] {
  return spoolFolders(folder).map((name) => {
    const meets = ({ key, value }: { key: string; value: Uint8Array }) => {
      const about = aboutRecord({ topic: 'exchanges', key, value }, textOf)
      return about !== null && isMeant(about)
    }
    return {
      name: `spool ${name}`,
      async count() {
        let found = 0
        eachSpooled(folder, name, (record) => (found += meets(record) ? 1 : 0))
        return found
      },
      async erase() {
        // Where a running tap holds it, what is found afterwards is told as left.
        eraseSpooled(folder, name, meets)
      },
    }
  })
}

/** One place for each topic; erasing from the first erases from all of them, in one pass over the file. */
export function logPlaces(file: string, isMeant: IsMeant, textOf: TextOf): Place[] {
  const meets = (record: StoredValue) => {
    const about = aboutRecord(record, textOf)
    return about !== null && isMeant(about)
  }
  let erasing: Promise<void> | undefined
  const eraseAll = async () => eraseRecords(file, meets)
  return topics
    .filter((topic) => topic !== 'ledger' && topic !== 'audit')
    .map((topic) => ({
      name: `log ${topic}`,
      async count() {
        let found = 0
        eachRecord(file, (record) => (found += record.topic === topic && meets(record) ? 1 : 0))
        return found
      },
      erase: () => (erasing ??= eraseAll()),
    }))
}

/** Large records that a topic holds but claims to: these can be taken away, and whoever redeems one then finds nothing. */
export function claimsPlace(claims: ClaimStore, isMeant: IsMeant, textOf: TextOf): Place {
  async function namesOf(): Promise<string[]> {
    const names: string[] = []
    for await (const record of eachClaimed(claims)) {
      const about = aboutRecord(record, textOf)
      if (about !== null && isMeant(about)) names.push(record.name)
    }
    return names
  }
  return {
    name: 'large records of the log',
    count: async () => (await namesOf()).length,
    async erase() {
      for (const name of await namesOf()) await claims.remove(name)
    },
  }
}

/** Which exchanges replay has done, noted beside the log until their offsets are committed. */
export function notesPlace(logFile: string, exchangeIds: readonly string[]): Place[] {
  const file = stateFileOf(logFile)
  if (!existsSync(file)) return []
  const withNotes = <T>(work: (db: ReturnType<typeof openTables>) => T): T => {
    const db = openTables(file)
    try {
      return work(db)
    } finally {
      db.close()
    }
  }
  const ids = JSON.stringify(exchangeIds)
  const meant = 'exchange_id IN (SELECT value FROM json_each(?))'
  return [
    {
      name: 'notes of replay',
      count: async () =>
        withNotes((db) => Number(db.prepare(`SELECT count(*) AS n FROM done WHERE ${meant}`).get(ids)!['n'])),
      erase: async () =>
        withNotes((db) => {
          db.exec('PRAGMA secure_delete = ON')
          transactionsOf(db)(() => void db.prepare(`DELETE FROM done WHERE ${meant}`).run(ids))
          db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
        }),
    },
  ]
}

/**
 * Whom the records outside of the store's tables are about that are meant. `closed`: records that are sealed with a key that is not
 * here: of those only the conversation is known.
 */
export async function aboutsOutside(
  { config, claims }: { config: Pick<Config, 'log' | 'tap'>; claims: ClaimStore | null },
  isMeant: IsMeant,
  textOf: TextOf,
): Promise<{ abouts: About[]; closed: number }> {
  const abouts: About[] = []
  let closed = 0
  const see = (record: StoredValue) => {
    if (textOf(record) === null) closed += 1
    const about = aboutRecord(record, textOf)
    if (about !== null && isMeant(about)) abouts.push(about)
  }
  const { folder } = config.tap.spool
  for (const name of spoolFolders(folder)) {
    eachSpooled(folder, name, ({ key, value }) => see({ topic: 'exchanges', key, value }))
  }
  if ('embedded' in config.log) eachRecord(config.log.embedded, see)
  if (claims !== null) for await (const record of eachClaimed(claims)) see(record)
  return { abouts, closed }
}
