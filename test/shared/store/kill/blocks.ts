import { comparisonRow } from '../../../../services/record/rows.ts'
import { aComparison } from '../../../services/record/samples.ts'

export const rowsInBlock = 200

/** The same rows for the same number. */
export function blockOf(block: number): object[] {
  return Array.from({ length: rowsInBlock }, (_, row) => comparisonRow(aComparison(`${block}-${row}`)))
}
