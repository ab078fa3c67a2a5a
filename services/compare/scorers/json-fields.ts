import { type Scorer } from './scorer.ts'

/** Share of fields that agree, out of all fields of either document. Fences around the JSON are looked through. */
export const jsonFields: Scorer = {
  name: 'json_fields',
  isSymmetric: true,
  score: (pair) => (pair.task === 'json' ? (pair.fields()?.agreement ?? null) : null),
}
