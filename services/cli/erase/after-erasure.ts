import { type Store } from '../../../shared/store/store.ts'

/**
 * Called once when rows of `comparisons` and `exchanges` are gone: sums that they may be part of go, too, and are made again from
 * the rows that are left.
 */
export async function afterErasure(store: Store, { from }: { from: Date; until: Date }): Promise<void> {
  const hour = new Date(Math.floor(from.getTime() / hourMs) * hourMs).toISOString()
  const arms = await store.query<{ arm: string }>('SELECT DISTINCT toString(arm) AS arm FROM comparison_arrivals')
  // First: what is being added up at this moment from rows that were still there is then never trusted.
  await store.insert(
    'comparison_arrivals',
    arms.map(({ arm }) => ({ arm, hour, arrived: 1 })),
  )
  const since = `>= parseDateTimeBestEffort('${hour}', 'UTC')`
  await store.command(`DELETE FROM campaign_settled WHERE until ${since}`)
  await store.command(`DELETE FROM campaign_sums WHERE until ${since}`)
  await store.command(`DELETE FROM campaign_conversations WHERE closed_by ${since}`)
}

const hourMs = 3_600_000
