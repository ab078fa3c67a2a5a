import { count, percent, unknown } from '../words.ts'
import { orAgain } from './beside.ts'
import { type SectionOf } from './section.ts'

/** Of the numbers, names and quotations in answers to questions about given texts: how many are not in those texts. */
export const grounding: SectionOf = ({ breakdown }) => {
  const routes = breakdown?.grounding.filter(({ served, candidate }) => served.claims + candidate.claims > 0) ?? []
  if (routes.length === 0) return null
  return {
    title: 'Not in the context',
    sentences: routes.map(
      ({ route, candidate, control }) =>
        `On ${route} the candidate states ${percent(candidate.ungrounded)} of numbers, names and quotations that are not in the context of the request${orAgain(control?.ungrounded)}.`,
    ),
    table: {
      columns: [
        { title: 'route' },
        { title: 'exchanges', isNumber: true },
        { title: 'candidate', isNumber: true },
        { title: 'served again', isNumber: true },
        { title: 'served', isNumber: true },
      ],
      rows: routes.map(({ route, exchanges, candidate, control, served }) => [
        route,
        count(exchanges),
        told(candidate),
        control === null ? unknown : told(control),
        told(served),
      ]),
    },
  }
}

const told = ({ claims, ungrounded }: { claims: number; ungrounded: number }): string =>
  `${percent(ungrounded)} of ${count(Math.round(claims))}`
