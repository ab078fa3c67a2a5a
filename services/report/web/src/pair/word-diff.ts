import { diffWordsWithSpace } from 'diff'

export type Piece = { text: string; kind: 'same' | 'added' | 'removed' }

/** Above, marking every word would take longer than reading. */
const longestChars = 40_000
const longestMs = 400

/** Word by word, in scripts without spaces too; null where the texts are too long or too different to be marked. */
export function wordDiff(before: string, after: string): Piece[] | null {
  if (before === after) return [{ text: before, kind: 'same' }]
  if (before.length > longestChars || after.length > longestChars) return null
  const intlSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
  const changes = diffWordsWithSpace(before, after, { intlSegmenter, timeout: longestMs })
  return changes === undefined
    ? null
    : changes.map(({ value, added, removed }) => ({
        text: value,
        kind: added ? 'added' : removed ? 'removed' : 'same',
      }))
}
