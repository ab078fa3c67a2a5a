import { type About, aboutOf } from '../../shared/erasure/about.ts'
import { type ErasureList } from '../../shared/erasure/erasure-list.ts'
import { deterministicUuid } from '../../shared/ids.ts'
import { type Delivery } from '../../shared/log/topic-log.ts'

/** A batch without the records of what was erased, and whom those are about. */
export async function withoutErased(
  batch: readonly Delivery[],
  erasures: ErasureList,
): Promise<{ kept: readonly Delivery[]; erased: About[] }> {
  if (await erasures.isEmpty()) return { kept: batch, erased: [] }
  const abouts = batch.map(aboutDelivery)
  const areErased = await erasures.areErased(abouts)
  return {
    kept: batch.filter((_, index) => !areErased[index]),
    erased: abouts.filter((about, index) => about !== null && areErased[index] === true) as About[],
  }
}

/** Whom a record is about; a dead letter is about whom its record is. */
function aboutDelivery({ topic, value }: Delivery): About | null {
  if (topic === 'ledger' || topic === 'audit') return null
  const text = value.toString()
  return topic === 'dead-letters' ? aboutOf(deadRecord(text)) : aboutOf(text)
}

function deadRecord(letter: string): string {
  try {
    return Buffer.from(String((JSON.parse(letter) as { valueBase64?: unknown }).valueBase64), 'base64').toString()
  } catch {
    return ''
  }
}

/** What the ledger says of an exchange that was erased: the same entry, however often it is erased or comes again. */
export function erasedRow(about: About): object[] {
  if (about.counted === null || about.exchangeId === null || about.capturedAt === null) return []
  const { upstream, route, source } = about.counted
  const hour = new Date(Date.parse(about.capturedAt) - (Date.parse(about.capturedAt) % 3_600_000))
  return [
    {
      entry_id: deterministicUuid('erased', about.exchangeId),
      hour: hour.toISOString(),
      stage: 'record',
      upstream,
      route,
      outcome: 'erased',
      reason: source,
      count: 1,
    },
  ]
}
