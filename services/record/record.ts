import { type TableRows } from '../../shared/store/batch-writer.ts'
import { type Delivery, type stateTopics } from '../../shared/log/topic-log.ts'
import { decodeMessage } from '../../shared/log/messages.ts'
import { AuditEntry } from '../../shared/contracts/audit-entry.ts'
import { Comparison } from '../../shared/contracts/comparison.ts'
import { DeadLetter } from '../../shared/contracts/dead-letter.ts'
import { Exchange } from '../../shared/contracts/exchange.ts'
import { LedgerEntry } from '../../shared/contracts/ledger.ts'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { ImportedScore } from '../../shared/contracts/score.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type About } from '../../shared/erasure/about.ts'
import { erasedRow } from './erased.ts'
import { rowsOf } from './rows.ts'

/**
 * All rows of a batch, by table. Throws on the first record that cannot be read, before anything is stored: the log then
 * hands the records over one by one. `erased`: whom the records are about that were erased.
 */
export function rowsOfBatch(batch: readonly Delivery[], erased: readonly About[]): TableRows {
  const tables = new Map<string, object[]>()
  if (erased.length > 0) tables.set('ledger', erased.flatMap(erasedRow))
  for (const delivery of batch) {
    for (const [table, rows] of Object.entries(rowsOfRecord(delivery))) {
      const gathered = tables.get(table) ?? []
      gathered.push(...rows)
      tables.set(table, gathered)
    }
  }
  return tables
}

function rowsOfRecord({ topic, value }: Delivery): Record<string, object[]> {
  if (topic === 'exchanges') return rowsOf.exchanges(decodeMessage(Exchange, value))
  if (topic === 'observations') return rowsOf.observations(decodeMessage(ObservationSet, value))
  if (topic === 'comparisons') return rowsOf.comparisons(decodeMessage(Comparison, value))
  if (topic === 'dead-letters') return rowsOf['dead-letters'](decodeMessage(DeadLetter, value))
  if (topic === 'ledger') return rowsOf.ledger(decodeMessage(LedgerEntry, value))
  if (topic === 'scores') return rowsOf.scores(decodeMessage(ImportedScore, value))
  if (topic === 'audit') return rowsOf.audit(decodeMessage(AuditEntry, value))
  const unknown: (typeof stateTopics)[number] = topic
  throw new UnderstudyError('INTERNAL', `record has no table for the topic ${unknown}`)
}
