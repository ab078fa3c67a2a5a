import { count, percent } from '../words.ts'
import { type SectionOf } from './section.ts'

/** Exchanges that are in no gate, by whose doing that was. */
export const notCompared: SectionOf = ({ comparisons }) => {
  const reasons = Object.entries(comparisons.notComparableByReason).toSorted(([, a], [, b]) => b - a)
  if (reasons.length === 0) return null
  const all = comparisons.compared + comparisons.notComparable
  return {
    title: 'Not compared',
    sentences: [],
    table: {
      columns: [{ title: 'reason' }, { title: 'exchanges', isNumber: true }, { title: 'share', isNumber: true }],
      rows: reasons.map(([reason, seen]) => [reason.replaceAll('_', ' '), count(seen), percent(seen / all)]),
    },
  }
}
