import { type LabelTable } from '../../shared/contracts/breakdown.ts'

/** So many served labels have a class of their own; the rest is counted under the last column. */
const maxLabels = 12

export type LabelCount = { served: string; answered: string; count: number }

/** The labels that were served, the most frequent first. */
export function servedLabels(counts: readonly LabelCount[]): string[] {
  const seen = new Map<string, number>()
  for (const { served, count } of counts) seen.set(served, (seen.get(served) ?? 0) + count)
  return [...seen]
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([label]) => label)
    .slice(0, maxLabels)
}

/**
 * The confusion matrix of one arm, the served label being the reference. Precision: of the answers with a label, how many
 * were served it; recall: of those served a label, how many got it again.
 */
export function labelTable(labels: readonly string[], counted: readonly LabelCount[]): LabelTable {
  const counts = labels.map(() => Array<number>(labels.length + 1).fill(0))
  // Labels that were answered where another than those listed was served.
  const elsewhere = Array<number>(labels.length).fill(0)
  let [all, right] = [0, 0]
  for (const { served, answered, count } of counted) {
    const [row, column] = [labels.indexOf(served), labels.indexOf(answered)]
    all += count
    if (served === answered) right += count
    if (row !== -1) counts[row]![column === -1 ? labels.length : column]! += count
    else if (column !== -1) elsewhere[column]! += count
  }
  const classes = labels.map((_, at) => {
    const hits = counts[at]![at]!
    const answered = counts.reduce((sum, row) => sum + row[at]!, elsewhere[at]!)
    const served = counts[at]!.reduce((sum, count) => sum + count, 0)
    return {
      precision: ratio(hits, answered),
      recall: ratio(hits, served),
      f1: ratio(2 * hits, answered + served),
    }
  })
  return { counts, accuracy: ratio(right, all), classes }
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
