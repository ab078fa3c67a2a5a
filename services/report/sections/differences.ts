import { besideCells, besideColumns } from './beside.ts'
import { type SectionOf } from './section.ts'

const maxRows = 12

/** Kinds whose own name does not tell the direction. */
const names: Record<string, string> = {
  'refusal:refusal_added': 'refusal: answered became refused',
  'refusal:refusal_dropped': 'refusal: refused became answered',
  'finish:truncation': 'finish: cut off at the token limit',
  'finish:ending': 'finish: ended otherwise',
  'format:json_invalid': 'format: no valid JSON',
  'format:json_fenced': 'format: JSON in a Markdown fence',
  'format:json_schema': 'format: breaks the schema asked for',
}

/** What differs, the kinds that the candidate has more of than the served model itself first. */
export const differences: SectionOf = ({ breakdown }) => {
  if (breakdown === null || breakdown.kinds.length === 0) return null
  return {
    title: 'What differs',
    sentences: [],
    table: {
      columns: [{ title: 'kind of difference' }, ...besideColumns],
      rows: breakdown.kinds.slice(0, maxRows).map((each) => [nameOf(each.kind), ...besideCells(each)]),
    },
  }
}

const nameOf = (kind: string): string => names[kind] ?? kind.replace(':', ': ').replaceAll('_', ' ')
