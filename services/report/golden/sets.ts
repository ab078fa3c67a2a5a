import { GoldenItem, type GoldenSet, GoldenSpec } from '../../../shared/contracts/golden.ts'
import { isWithheld } from '../../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { type Store } from '../../../shared/store/store.ts'
import { addressOf, type Sealed } from './address.ts'
import { readOpenings } from './openings.ts'

export type StoredSet = Omit<GoldenSet, 'openings'> & { itemHashes: string[] }

/** The newest version of each name. */
export async function listSets(store: Pick<Store, 'query'>): Promise<GoldenSet[]> {
  const sets = await readSets(store, undefined)
  const newest = [...Map.groupBy(sets, ({ name }) => name).values()].map(([first]) => first!)
  return await Promise.all(newest.map((set) => withOpenings(store, set)))
}

/** Every version of the name, the newest first. NOT_FOUND names what there is. */
export async function versionsOf(store: Pick<Store, 'query'>, name: string): Promise<StoredSet[]> {
  const sets = await readSets(store, name)
  if (sets.length > 0) return sets
  const known = [...new Set((await readSets(store, undefined)).map((set) => set.name))]
  const cure = known.length === 0 ? 'understudy golden freeze makes one' : `choose from ${known.join(', ')}`
  throw new UnderstudyError('NOT_FOUND', `there is no golden set "${name}": ${cure}`)
}

/** One version; the newest where none is named. */
export async function setOf(store: Pick<Store, 'query'>, name: string, setVersion?: number): Promise<StoredSet> {
  const versions = await versionsOf(store, name)
  const found = setVersion === undefined ? versions[0] : versions.find((set) => set.setVersion === setVersion)
  if (found !== undefined) return found
  const known = versions.map((set) => set.setVersion).join(', ')
  throw new UnderstudyError('NOT_FOUND', `the golden set "${name}" has no version ${setVersion}: choose from ${known}`)
}

export async function withOpenings(store: Pick<Store, 'query'>, stored: StoredSet): Promise<GoldenSet> {
  const { itemHashes: _, ...set } = stored
  return { ...set, openings: await readOpenings(store, set.name) }
}

export type KeptItem = { position: number; item: GoldenItem; hash: string; isIntact: boolean }

/** Items of one part, in order; those that were erased are not there. */
export async function readItems(
  store: Pick<Store, 'query'>,
  set: Pick<StoredSet, 'address'>,
  split: 'dev' | 'holdout' | 'all',
  page: { limit: number; offset: number } = { limit: 1_000_000, offset: 0 },
): Promise<KeptItem[]> {
  const rows = await store.query<{ exchangeId: string; position: number; hash: string; content: string }>(itemsSql, {
    address: set.address,
    splits: split === 'all' ? ['dev', 'holdout'] : [split],
    ...page,
  })
  return rows.map(({ position, hash, content }) => {
    if (isWithheld(content)) throw new UnderstudyError('ENCRYPTION_KEY_MISSING', content)
    return { position, hash, isIntact: sha256Hex(content) === hash, item: GoldenItem.parse(JSON.parse(content)) }
  })
}

/** Is the address that of the hashes, and are the hashes those of the items that are there? Reads all of them. */
export async function isIntact(store: Pick<Store, 'query'>, set: StoredSet): Promise<boolean> {
  if (addressOf(set) !== set.address) return false
  const items = await readItems(store, set, 'all')
  return items.every((each) => each.isIntact && set.itemHashes[each.position] === each.hash)
}

/** Largest text that goes in with one insert. */
const batchChars = 16 * 1024 * 1024

export type NewSet = Pick<GoldenSet, 'name' | 'setVersion' | 'parent' | 'spec' | 'strata' | 'frozenAt' | 'frozenBy'> & {
  items: readonly { item: GoldenItem; sealed: Sealed }[]
}

/** Items first: a set that is known is whole. Freezing the same again changes nothing. */
export async function writeSet(store: Pick<Store, 'insert'>, set: NewSet): Promise<string> {
  const itemHashes = set.items.map(({ sealed }) => sealed.hash)
  const address = addressOf({ ...set, itemHashes })
  let [batch, chars]: [object[], number] = [[], 0]
  const flush = async () => {
    await store.insert('golden_items', batch)
    ;[batch, chars] = [[], 0]
  }
  for (const [position, { item, sealed }] of set.items.entries()) {
    const { exchangeId, conversationId, tenantId, capturedAt } = item.exchange
    batch.push({
      exchange_id: exchangeId,
      conversation_id: conversationId,
      tenant_id: tenantId ?? '',
      captured_at: capturedAt,
      set_address: address,
      position,
      item_hash: sealed.hash,
      split: item.split,
      has_ground_truth: item.groundTruth !== null,
      content: sealed.content,
    })
    chars += sealed.content.length
    if (chars > batchChars) await flush()
  }
  await flush()
  await store.insert('golden_sets', [
    {
      set_address: address,
      name: set.name,
      set_version: set.setVersion,
      parent: set.parent ?? '',
      frozen_at: set.frozenAt,
      frozen_by: set.frozenBy,
      spec: JSON.stringify(set.spec),
      strata: JSON.stringify(set.strata),
      item_hashes: itemHashes,
    },
  ])
  return address
}

type SetRow = Omit<StoredSet, 'parent' | 'frozenAt' | 'spec' | 'strata' | 'items' | 'erased'> & {
  parent: string
  frozenAtMs: number
  spec: string
  strata: string
  present: number
}

async function readSets(store: Pick<Store, 'query'>, name: string | undefined): Promise<StoredSet[]> {
  const rows = await store.query<SetRow>(setsSql, { name: name ?? '' })
  return rows.map(({ parent, frozenAtMs, spec, strata, present, ...row }) => ({
    ...row,
    parent: parent === '' ? null : parent,
    frozenAt: new Date(frozenAtMs).toISOString(),
    spec: GoldenSpec.parse(JSON.parse(spec)),
    strata: JSON.parse(strata) as GoldenSet['strata'],
    items: row.itemHashes.length,
    erased: row.itemHashes.length - present,
  }))
}

const setsSql = `
SELECT toString(name) AS name, sets.set_address AS address, toFloat64(set_version) AS setVersion, parent,
  toFloat64(toUnixTimestamp64Milli(frozen_at)) AS frozenAtMs, frozen_by AS frozenBy, spec, strata, item_hashes AS itemHashes,
  toFloat64(items.present) AS present, toFloat64(items.holdout) AS holdout, toFloat64(items.truths) AS withGroundTruth
FROM (
  SELECT * FROM golden_sets WHERE {name:String} = '' OR name = {name:String}
  ORDER BY name, set_version, set_address, frozen_at LIMIT 1 BY name, set_version, set_address
) AS sets
LEFT JOIN (SELECT set_address, uniqExact(position) AS present, uniqExactIf(position, split = 'holdout') AS holdout, uniqExactIf(position, has_ground_truth) AS truths FROM golden_items GROUP BY set_address) AS items ON items.set_address = sets.set_address
ORDER BY name, setVersion DESC, frozenAtMs DESC`

const itemsSql = `
SELECT toString(exchange_id) AS exchangeId, toFloat64(position) AS position, item_hash AS hash, content
FROM golden_items
WHERE set_address = {address:String} AND split IN ({splits:Array(String)})
ORDER BY golden_items.position
LIMIT 1 BY golden_items.position
LIMIT {limit:UInt32} OFFSET {offset:UInt32}`
