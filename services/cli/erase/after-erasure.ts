import { type Store } from '../../../shared/store/store.ts'

/**
 * Called once when rows of `comparisons` and `exchanges` are gone: sums that they may be part of go, too, and are made again from
 * the rows that are left.
 */
export async function afterErasure(store: Store, { from, until }: { from: Date; until: Date }): Promise<void> {
  const hour = new Date(Math.floor(from.getTime() / hourMs) * hourMs).toISOString()
  const days = daysOf(from, until)
  const arms = await store.query<{ arm: string }>('SELECT DISTINCT toString(arm) AS arm FROM comparison_arrivals')
  // First: what is being added up at this moment from rows that were still there is then never trusted.
  await store.insert(
    'comparison_arrivals',
    arms.flatMap(({ arm }) => [hour, ...days].map((at) => ({ arm, hour: at, arrived: 1 }))),
  )
  await store.insert(
    'day_arrivals',
    days.flatMap((at) => ['observations', 'exchanges'].map((source) => ({ source, day: at.slice(0, 10), came: 1 }))),
  )
  const since = `>= parseDateTimeBestEffort('${hour}', 'UTC')`
  await store.command(`DELETE FROM campaign_settled WHERE until ${since}`)
  await store.command(`DELETE FROM campaign_sums WHERE until ${since}`)
  await store.command(`DELETE FROM report_days WHERE day >= toDate('${days[0]!.slice(0, 10)}')`)
  await store.command(`DELETE FROM day_sums WHERE day IN (${days.map((at) => `'${at.slice(0, 10)}'`).join(', ')})`)
  await store.command(`DELETE FROM campaign_conversations WHERE closed_by ${since}`)
  // What comes between the two is in both.
  await store.command('TRUNCATE TABLE arm_settings')
  await store.command(
    'INSERT INTO arm_settings SELECT arm, arm_fingerprint AS fingerprint, max(asked_at) AS last_asked_at FROM comparisons GROUP BY arm, fingerprint',
  )
}

/** The first hour of each. */
function daysOf(from: Date, until: Date): string[] {
  const days: string[] = []
  for (let at = from.getTime() - (from.getTime() % dayMs); at <= until.getTime(); at += dayMs) {
    days.push(new Date(at).toISOString())
  }
  return days
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
