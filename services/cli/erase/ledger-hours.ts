import { type Store } from '../../../shared/store/store.ts'

/** In which anything was captured that is being erased. */
export async function ledgerHoursOfErasing(store: Pick<Store, 'query'>): Promise<Date[]> {
  const from = ['exchanges', 'observations', 'comparisons'].map(
    (table) =>
      `SELECT toStartOfHour(captured_at) AS hour FROM ${table} WHERE exchange_id IN (SELECT exchange_id FROM erasing)`,
  )
  const rows = await store.query<{ hourMs: number }>(
    `SELECT DISTINCT toFloat64(toUnixTimestamp(hour)) * 1000 AS hourMs FROM (${from.join(' UNION ALL ')})`,
  )
  return rows.map(({ hourMs }) => new Date(hourMs))
}

/** The ledger of these hours is counted anew, also where it is being added up at this moment from rows that were still there. */
export async function reopenLedgerHours(store: Pick<Store, 'insert'>, hours: readonly Date[]): Promise<void> {
  await store.insert(
    'ledger_arrivals',
    hours.map((hour) => ({ hour: hour.toISOString(), arrived: 1 })),
  )
}
