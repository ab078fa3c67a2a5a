import { percent } from '../words.ts'
import { besideCells, besideColumns } from './beside.ts'
import { type SectionOf } from './section.ts'

/** Which rung of the ladder catches the candidate, and how often it catches the served model itself. */
export const decidedBy: SectionOf = ({ breakdown }) => {
  if (breakdown === null) return null
  const rows = breakdown.rungs.map(({ rung, decided, harmful }) => [
    rung,
    percent(decided.candidate),
    ...besideCells(harmful),
  ])
  return {
    title: 'Which rung decided',
    sentences: [],
    table: {
      columns: [
        { title: 'rung' },
        { title: 'decided', isNumber: true },
        { title: 'harmful', isNumber: true },
        ...besideColumns.slice(1),
      ],
      rows,
    },
  }
}
