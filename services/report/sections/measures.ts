import { type RouteMeasure } from '../../../shared/contracts/breakdown.ts'
import { count, percent } from '../words.ts'
import { type SectionOf } from './section.ts'

const names: Record<RouteMeasure['measure'], string> = {
  tool_f1: 'F1 of the tool calls',
  argument_accuracy: 'arguments that agree',
  schema_kept: 'keeps the schema asked for',
}

/** Tool calls against the served ones, and how often each kept to the schemas of the request. */
export const measures: SectionOf = ({ breakdown }) => {
  if (breakdown === null || breakdown.measures.length === 0) return null
  return {
    title: 'Tool calls and schemas',
    sentences: [],
    table: {
      columns: [
        { title: 'measure' },
        { title: 'route' },
        { title: 'exchanges', isNumber: true },
        { title: 'candidate', isNumber: true },
        { title: 'served again', isNumber: true },
        { title: 'served', isNumber: true },
      ],
      rows: breakdown.measures.map(({ measure, route, exchanges, candidate, control, served }) => [
        names[measure],
        route,
        count(exchanges),
        percent(candidate),
        percent(control),
        percent(served),
      ]),
    },
  }
}
