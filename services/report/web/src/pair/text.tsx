import { useState } from 'react'
import { type ShownText } from '../../../../../shared/contracts/exchange-view.ts'
import { count } from '../../../words.ts'
import { type Piece } from './word-diff.ts'

/** `first` and `second`: of two answers of which neither is the right one. */
export type Side = 'served' | 'arm' | 'first' | 'second'

/** A browser lays out so much at once without a pause. */
const atOnceChars = 20_000

/** A text of a user or a model, as text whatever is in it, the differing words marked. */
export function Text({ shown, pieces, side }: { shown: ShownText; pieces?: Piece[] | null; side?: Side }) {
  const [isWhole, setWhole] = useState(false)
  if (shown.text === '') return <p className="soft">no text</p>
  const isLong = shown.text.length > atOnceChars
  const kept = pieces?.filter(
    ({ kind }) => kind === 'same' || kind === (side === 'served' || side === 'first' ? 'removed' : 'added'),
  )
  const hidden = shown.chars - (isLong && !isWhole ? atOnceChars : shown.text.length)
  return (
    <>
      <div className="answer" dir="auto">
        {kept && !isLong
          ? kept.map(({ text, kind }, at) => {
              const Marked = kind === 'same' ? 'span' : side === 'served' ? 'del' : side === 'arm' ? 'ins' : 'mark'
              return <Marked key={at}>{text}</Marked>
            })
          : isWhole || !isLong
            ? shown.text
            : shown.text.slice(0, atOnceChars)}
      </div>
      {hidden > 0 && (
        <p className="soft small">
          {count(hidden)} characters more{shown.cut ? ', of which the report shows only the beginning. ' : '. '}
          {isLong && !isWhole && (
            <button className="link" type="button" onClick={() => setWhole(true)}>
              Show {shown.cut ? 'as much as there is' : 'all'}
            </button>
          )}
        </p>
      )}
    </>
  )
}
