import { type Scoring } from '../../../shared/contracts/verdict.ts'
import { count, counted, percent } from '../words.ts'
import { type SectionOf } from './section.ts'

/** What a team decided not to see as a difference, also where nothing was: whoever reads a verdict must know. */
export const waived: SectionOf = ({ scoring, comparisons: { compared } }) => {
  if (scoring === null || scoring.waived.waivers.length === 0) return null
  const { comparisons, equivalent, waivers } = scoring.waived
  const share = compared === 0 ? null : comparisons / compared
  return {
    title: 'Waived differences',
    sentences: [
      `${counted(comparisons, 'comparison')} of ${count(compared)} (${percent(share)}) with a waived difference; ${count(equivalent)} of them equivalent thanks to it.`,
      ...waivers.flatMap((waiver) => remarkOn(waiver) ?? []),
    ],
    table: {
      columns: [
        { title: 'waived' },
        { title: 'reason' },
        { title: 'author' },
        { title: 'until' },
        { title: 'candidate', isNumber: true },
        { title: 'control', isNumber: true },
      ],
      rows: waivers.map((waiver) => [
        waiver.covers ?? waiver.id,
        waiver.reason ?? '',
        waiver.author ?? '',
        waiver.expires ?? '',
        count(waiver.comparisons),
        count(waiver.controlComparisons),
      ]),
    },
  }
}

function remarkOn(waiver: Scoring['waived']['waivers'][number]): string | null {
  const { id, covers, expires, isExpired, comparisons } = waiver
  if (covers === null)
    return `Waiver ${id} is in the config no more, and ${counted(comparisons, 'comparison')} made with it still count: understudy compare --rescore --since 30d makes them anew.`
  if (isExpired)
    return `The waiver of ${covers} expired after ${expires}: differences found since then count. Remove it, or give it a later day.`
  return null
}
