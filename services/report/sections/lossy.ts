import { count, counted, percent } from '../words.ts'
import { type SectionOf } from './section.ts'

/** Exchanges in the gates that were not asked quite as recorded: what they lost, and whether it shows. */
export const lossy: SectionOf = ({ comparisons }) => {
  const { withLosses, losses, compared, equivalent } = comparisons
  if (withLosses === 0) return null
  return {
    title: 'Asked with less than was recorded',
    sentences: [
      `${counted(withLosses, 'exchange')} in the gates (${percent(withLosses / compared)}) lost something minor in translation; of all that were compared ${percent(equivalent / compared)} are equivalent.`,
      'compare.excludeLosses: minor keeps such pairs out of the gates.',
    ],
    table: {
      columns: [
        { title: 'lost' },
        { title: 'exchanges', isNumber: true },
        { title: 'share', isNumber: true },
        { title: 'equivalent', isNumber: true },
      ],
      rows: losses.map((each) => [
        each.loss.replace(/:([a-z]+)$/, ' ($1)'),
        count(each.compared),
        percent(each.compared / compared),
        percent(each.equivalent / each.compared),
      ]),
    },
  }
}
