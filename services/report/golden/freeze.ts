import { type GoldenItem, type GoldenSet, type GoldenSpec } from '../../../shared/contracts/golden.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type Store } from '../../../shared/store/store.ts'
import { sealItem } from './address.ts'
import { holdoutOf, shareOut } from './draw.ts'
import { readPopulation } from './population.ts'
import { setOf, versionsOf, withOpenings, writeSet } from './sets.ts'
import { readStoredExchanges } from './stored-items.ts'

type GoldenStore = Pick<Store, 'query' | 'insert'>

/** Exchanges whose texts are read at once. */
const atOnce = 100

export type FreezeRequest = { name: string; spec: GoldenSpec; by: string; now: Date }

/**
 * Draws a set and keeps it as it is. USAGE: the name is taken, or nothing can be drawn. The same spec on the same store gives the same
 * items, and so the same address.
 */
export async function freezeSet(store: GoldenStore, { name, spec, by, now }: FreezeRequest): Promise<GoldenSet> {
  await refuseTaken(store, name)
  const { strata, first } = await readPopulation(store, spec)
  const share = shareOut(strata, spec.size)
  if (share.size === 0) {
    const cure = 'only exchanges that were served well and whose texts are still stored can be (retention.bodiesDays)'
    throw new UnderstudyError('USAGE', `there is no exchange to freeze: ${cure}`)
  }
  const drawn = [...Map.groupBy(first, ({ stratum }) => stratum)].flatMap(([stratum, members]) =>
    members.slice(0, share.get(stratum) ?? 0),
  )
  const kept = holdoutOf(drawn, Math.round(drawn.length * spec.holdoutShare), spec.seed)
  const sizes = new Map(strata.map(({ stratum, exchanges }) => [stratum, exchanges]))
  const ordered = drawn.toSorted((a, b) => (a.exchangeId < b.exchangeId ? -1 : 1))
  const items: GoldenItem[] = []
  for (let from = 0; from < ordered.length; from += atOnce) {
    const part = ordered.slice(from, from + atOnce)
    const stored = await readStoredExchanges(
      store,
      part.map(({ exchangeId }) => exchangeId),
    )
    const byId = new Map(stored.map((each) => [each.exchange.exchangeId, each]))
    for (const { exchangeId, stratum } of part) {
      const found = byId.get(exchangeId)
      // Erased since it was drawn.
      if (found === undefined) continue
      items.push({
        version: 1,
        ...found,
        stratum,
        split: kept.has(exchangeId) ? 'holdout' : 'dev',
        inclusionProbability: share.get(stratum)! / sizes.get(stratum)!,
        groundTruth: null,
        notes: null,
      })
    }
  }
  return await keep(
    store,
    { name, setVersion: 1, parent: null, spec, items, strata: countStrata(items, sizes) },
    by,
    now,
  )
}

/** Keeps these items as one more version of a set. */
export async function freezeVersion(
  store: GoldenStore,
  parent: Pick<GoldenSet, 'name' | 'setVersion' | 'address' | 'spec' | 'strata'>,
  items: readonly GoldenItem[],
  by: string,
  now: Date,
): Promise<GoldenSet> {
  const { name, spec, strata } = parent
  const newest = (await versionsOf(store, name))[0]!.setVersion
  const next = { name, setVersion: newest + 1, parent: parent.address, spec, items, strata }
  return await keep(store, next, by, now)
}

type Draft = Pick<GoldenSet, 'name' | 'setVersion' | 'parent' | 'spec' | 'strata'> & { items: readonly GoldenItem[] }

async function keep(store: GoldenStore, draft: Draft, frozenBy: string, now: Date): Promise<GoldenSet> {
  const items = draft.items.map((item) => ({ item, sealed: sealItem(item) }))
  await writeSet(store, { ...draft, items, frozenAt: now.toISOString(), frozenBy })
  return await withOpenings(store, await setOf(store, draft.name, draft.setVersion))
}

async function refuseTaken(store: GoldenStore, name: string): Promise<void> {
  const taken = await versionsOf(store, name).catch((err: unknown) => {
    if (err instanceof UnderstudyError && err.code === 'NOT_FOUND') return []
    throw err
  })
  if (taken.length === 0) return
  throw new UnderstudyError(
    'USAGE',
    `the golden set "${name}" is there already, and nothing of it can change: choose another name`,
  )
}

function countStrata(items: readonly GoldenItem[], sizes: ReadonlyMap<string, number>): GoldenSet['strata'] {
  const counts = Map.groupBy(items, ({ stratum }) => stratum)
  return [...sizes]
    .map(([stratum, exchanges]) => ({ stratum, exchanges, items: counts.get(stratum)?.length ?? 0 }))
    .toSorted((a, b) => (a.stratum < b.stratum ? -1 : 1))
}
