import { type ReactNode } from 'react'
import {
  type ReviewItem,
  type ReviewLabel,
  type ReviewPlace,
  type ReviewReason,
  type ReviewShown,
} from '../../../../../shared/contracts/review.ts'
import { pretty } from '../pair/answer-column.tsx'
import { Text } from '../pair/text.tsx'
import { wordDiff } from '../pair/word-diff.ts'
import { href } from '../route.ts'

const reasons: Record<ReviewReason, string> = {
  disagreement: 'the checks disagree',
  unsure: 'nothing could decide it',
  random_fail: 'drawn at random',
  random_pass: 'drawn at random',
}

const labels: Record<ReviewLabel, string> = { fine: 'fine', not_fine: 'not fine', unsure: 'unsure' }

type Props = {
  item: ReviewItem
  isBlind: boolean
  /** Which answer the next label is about. */
  place: ReviewPlace
  onPlace: (place: ReviewPlace) => void
  labelOf: (place: ReviewPlace) => ReviewLabel | null
  tools: ReactNode
}

/** A request and two answers; blind, without a word about whose they are. */
export function ReviewPair({ item, isBlind, place, onPlace, labelOf, tools }: Props) {
  const [first, second] = item.answers
  const pieces = first.text !== null && second.text !== null ? wordDiff(first.text.text, second.text.text) : null
  return (
    <article className="card review-card" aria-label="Pair to label">
      <header>
        <h2>{item.route}</h2>
        {item.why !== null && <span className="badge plain">{reasons[item.why]}</span>}
        {!isBlind && (
          <a className="end small" href={href(['pairs', item.exchangeId], { candidate: item.arm })}>
            everything about this pair
          </a>
        )}
      </header>
      <Asked request={item.request} />
      <div className="answers">
        {item.answers.map((answer, at) => {
          const isMeant = isBlind ? answer.place === place : answer.about === 'arm'
          const label = labelOf(answer.place)
          return (
            <section
              key={answer.place}
              className={`answer-column review-answer ${isMeant ? 'meant' : ''}`}
              aria-label={`Answer ${answer.place}`}
            >
              <header>
                <h3>
                  {answer.about === null ? `Answer ${answer.place}` : answer.about === 'served' ? 'Served' : item.arm}
                </h3>
                {isBlind && (
                  <button
                    className="button quiet small"
                    type="button"
                    aria-pressed={isMeant}
                    onClick={() => onPlace(answer.place)}
                  >
                    {isMeant ? 'your label is about this one' : 'label this one'} <kbd>{answer.place}</kbd>
                  </button>
                )}
                {label !== null && <span className="badge plain">{labels[label]}</span>}
              </header>
              <Answered answer={answer} pieces={pieces} side={at === 0 ? 'first' : 'second'} />
            </section>
          )
        })}
      </div>
      {tools}
    </article>
  )
}

const absent: Record<string, string> = {
  hidden: 'The text is not for your eyes.',
  none: 'The text is no longer kept.',
}

function Answered({
  answer,
  pieces,
  side,
}: {
  answer: ReviewShown
  pieces: ReturnType<typeof wordDiff>
  side: 'first' | 'second'
}) {
  return (
    <>
      {answer.failure !== null && <p className="no_go">No usable answer: {answer.failure.replaceAll('_', ' ')}</p>}
      {answer.state === 'excerpt' && <p className="soft small">Only its beginning is still kept.</p>}
      {answer.text === null && answer.failure === null && answer.toolCalls.length === 0 && (
        <p className="soft">{absent[answer.state] ?? 'There is no text.'}</p>
      )}
      {answer.text !== null && (answer.text.text !== '' || answer.toolCalls.length === 0) && (
        <Text shown={answer.text} pieces={pieces} side={side} />
      )}
      {answer.toolCalls.map(({ name, argumentsText }, at) => (
        <div key={at} className="tool-call">
          <h4>
            calls <code>{name}</code>
          </h4>
          <Text shown={{ ...argumentsText, text: pretty(argumentsText.text) }} />
        </div>
      ))}
    </>
  )
}

function Asked({ request: { state, system, turns, turnsLeftOut } }: Pick<ReviewItem, 'request'>) {
  if (state !== 'stored')
    return <p className="soft">The request is {state === 'hidden' ? 'not for your eyes' : 'no longer kept'}.</p>
  const last = turns.at(-1)
  return (
    <div className="asked-turns">
      {(system !== null || turns.length > 1) && (
        <details>
          <summary className="soft">
            What was said before{turnsLeftOut > 0 ? `, without ${turnsLeftOut} turns at the beginning` : ''}
          </summary>
          {system !== null && <Text shown={system} />}
          {turns.slice(0, -1).map((turn, at) => (
            <Text key={at} shown={turn} />
          ))}
        </details>
      )}
      {last && <Text shown={last} />}
    </div>
  )
}
