import { percent } from '../words.ts'
import { besideCells, besideColumns, orAgain } from './beside.ts'
import { type SectionOf } from './section.ts'

const maxRows = 15

/** Where documents and tool calls differ, by path, over all pairs of their route. */
export const places: SectionOf = ({ breakdown }) => {
  const [worst] = breakdown?.places ?? []
  if (worst === undefined) return null
  return {
    title: 'Where documents and tool calls differ',
    sentences: [
      `${worst.path} of ${worst.route} differs in ${percent(worst.candidate)} of the pairs${orAgain(worst.control)}.`,
    ],
    table: {
      columns: [{ title: 'path' }, { title: 'route' }, ...besideColumns],
      rows: breakdown!.places.slice(0, maxRows).map((each) => [each.path, each.route, ...besideCells(each)]),
    },
  }
}
