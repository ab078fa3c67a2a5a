import { useEffect, useState } from 'react'
import {
  type ReviewAnswered,
  type ReviewItem,
  type ReviewLabel,
  type ReviewPlace,
  type ReviewQueue,
} from '../../../../../shared/contracts/review.ts'
import { count } from '../../../words.ts'
import { type ApiError, send } from '../api.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Choice } from '../parts/choice.tsx'
import { Failure } from '../parts/failure.tsx'
import { Help } from '../parts/help.tsx'
import { useKeys } from '../parts/keys.ts'
import { useVerdicts } from '../report.tsx'
import { useResource } from '../resource.ts'
import { go } from '../location.ts'
import { href } from '../route.ts'
import { useMay } from '../session.tsx'
import { Agreement } from './agreement.tsx'
import { ReviewPair } from './review-pair.tsx'
import '../style/review.css'

const keys = [
  ['f', 'fine'],
  ['n', 'not fine'],
  ['s', 'unsure: leave it to others'],
  ['1 2', 'which answer is meant, where both are blind'],
  ['u', 'undo the last label'],
  ['Esc', 'leave the note'],
  ['?', 'this help'],
] as const

type Done = { reviewId: string; item: ReviewItem; label: ReviewLabel; place: ReviewPlace }

/** People say which answers are fine; from a random share of them comes what people would say of all. */
export function ReviewPage({ query }: { query: URLSearchParams }) {
  return (
    <Awaited resource={useVerdicts()}>
      {(verdicts) => {
        const candidate = query.get('candidate') ?? verdicts[0]?.candidate
        if (candidate === undefined) return <p>There is no candidate in the config yet.</p>
        const isBlind = query.get('blind') !== 'false'
        return (
          <>
            <div className="page-head">
              <h1>Review</h1>
              <span className="soft">two keys, one pair: is the answer fine for whoever asked?</span>
              <div className="end pair-tools">
                <label className="small soft">
                  Candidate{' '}
                  <select
                    className="field"
                    value={candidate}
                    onChange={(event) =>
                      go(
                        href(['review'], { candidate: event.target.value, blind: isBlind ? undefined : 'false' }),
                        'replace',
                      )
                    }
                  >
                    {verdicts.map((verdict) => (
                      <option key={verdict.candidate}>{verdict.candidate}</option>
                    ))}
                  </select>
                </label>
                <Choice
                  label="Whether it is shown whose answer is whose"
                  options={[
                    { value: 'blind', title: 'blind' },
                    { value: 'open', title: 'open' },
                  ]}
                  value={isBlind ? 'blind' : 'open'}
                  onChange={(value) =>
                    go(href(['review'], { candidate, blind: value === 'blind' ? undefined : 'false' }), 'replace')
                  }
                />
              </div>
            </div>
            <Queue key={`${candidate} ${isBlind}`} candidate={candidate} isBlind={isBlind} />
          </>
        )
      }}
    </Awaited>
  )
}

const batch = 20

function Queue({ candidate, isBlind }: { candidate: string; isBlind: boolean }) {
  const address = `/api/v1/review/queue?candidate=${encodeURIComponent(candidate)}&blind=${isBlind}&limit=${batch}`
  const queue = useResource<ReviewQueue>(address)
  return (
    <div className="stack">
      <Awaited resource={queue}>
        {(data) => <Labelling queue={data} isBlind={isBlind} onEmpty={queue.reload} />}
      </Awaited>
      <Agreement candidate={candidate} />
    </div>
  )
}

function Labelling({ queue, isBlind, onEmpty }: { queue: ReviewQueue; isBlind: boolean; onEmpty: () => void }) {
  const mayLabel = useMay('reviewer')
  const [done, setDone] = useState<Done[]>([])
  const [place, setPlace] = useState<ReviewPlace>(1)
  const [note, setNote] = useState('')
  const [error, setError] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [isHelping, setHelping] = useState(false)
  const labelOf = (item: ReviewItem, at: ReviewPlace) =>
    done.findLast((each) => each.item.exchangeId === item.exchangeId && each.place === at)?.label ??
    item.answers.find((answer) => answer.place === at)?.label ??
    null
  // Blind, nobody knows which of the two is the candidate's: both are labelled.
  const isDone = (item: ReviewItem) =>
    isBlind
      ? labelOf(item, 1) !== null && labelOf(item, 2) !== null
      : done.some((each) => each.item.exchangeId === item.exchangeId)
  const item = queue.items.find((each) => !isDone(each))
  const { waiting } = queue
  const left = waiting.disagreement + waiting.unsure + waiting.randomFail + waiting.randomPass
  const shown: ReviewPlace =
    item === undefined || !isBlind ? place : labelOf(item, place) === null ? place : place === 1 ? 2 : 1

  useEffect(() => {
    if (item === undefined && done.length > 0) {
      setDone([])
      onEmpty()
    }
  }, [item, done, onEmpty])

  const label = async (said: ReviewLabel) => {
    if (item === undefined || isBusy || !mayLabel) return
    setBusy(true)
    const at: ReviewPlace = isBlind ? shown : (item.answers.find(({ about }) => about === 'arm')?.place ?? 2)
    try {
      const { review } = await send<ReviewAnswered>('POST', '/api/v1/reviews', {
        exchangeId: item.exchangeId,
        arm: item.arm,
        label: said,
        place: at,
        blind: isBlind,
        ...(note.trim() !== '' && { note: note.trim() }),
      })
      setDone([...done, { reviewId: review.reviewId, item, label: said, place: at }])
      setNote('')
      setPlace(1)
      setError(null)
    } catch (err) {
      setError(err as ApiError)
    }
    setBusy(false)
  }
  const undo = async () => {
    const last = done.at(-1)
    if (last === undefined || isBusy) return
    setBusy(true)
    try {
      await send('DELETE', `/api/v1/reviews/${encodeURIComponent(last.reviewId)}`)
      setDone(done.slice(0, -1))
      setPlace(last.place)
      setError(null)
    } catch (err) {
      setError(err as ApiError)
    }
    setBusy(false)
  }
  useKeys({
    f: () => void label('fine'),
    n: () => void label('not_fine'),
    s: () => void label('unsure'),
    u: () => void undo(),
    '1': () => setPlace(1),
    '2': () => setPlace(2),
    '?': () => setHelping(true),
  })

  return (
    <>
      {error !== null && <Failure error={error} />}
      {!mayLabel && (
        <div className="notice">
          <div>
            <h2>You may look, not label</h2>
            <p className="soft">Labels need the role of a reviewer. Whoever runs the report can give it to you.</p>
          </div>
        </div>
      )}
      <p className="soft" role="status">
        {count(Math.max(0, left))} waiting: {count(waiting.disagreement)} where the checks disagree,{' '}
        {count(waiting.unsure)} that nothing could decide, {count(waiting.randomFail + waiting.randomPass)} drawn at
        random. {done.length > 0 && `${count(done.length)} labelled just now.`}{' '}
        <button className="link keys-link" type="button" onClick={() => setHelping(true)}>
          Keys <kbd>?</kbd>
        </button>
      </p>
      {item === undefined ? (
        <div className="card empty">
          <h2>Nothing waits for you</h2>
          <p className="soft">New pairs show here as traffic comes in.</p>
        </div>
      ) : (
        <ReviewPair
          key={`${item.exchangeId} ${item.arm}`}
          item={item}
          isBlind={isBlind}
          place={shown}
          onPlace={setPlace}
          labelOf={(at) => labelOf(item, at)}
          tools={
            <div className="label-tools">
              <button
                className="button label-fine"
                type="button"
                disabled={!mayLabel || isBusy}
                onClick={() => void label('fine')}
              >
                Fine <kbd>f</kbd>
              </button>
              <button
                className="button label-not"
                type="button"
                disabled={!mayLabel || isBusy}
                onClick={() => void label('not_fine')}
              >
                Not fine <kbd>n</kbd>
              </button>
              <button
                className="button quiet"
                type="button"
                disabled={!mayLabel || isBusy}
                onClick={() => void label('unsure')}
              >
                Unsure <kbd>s</kbd>
              </button>
              <input
                className="field note"
                aria-label="Note, kept with the next label"
                placeholder="Note (optional), kept with the label"
                value={note}
                onChange={(event) => setNote(event.target.value)}
                onKeyDown={(event) => (event.key === 'Escape' || event.key === 'Enter') && event.currentTarget.blur()}
              />
              <button
                className="button quiet"
                type="button"
                disabled={done.length === 0 || isBusy}
                onClick={() => void undo()}
              >
                Undo <kbd>u</kbd>
              </button>
            </div>
          }
        />
      )}
      {isHelping && <Help keys={keys} onClose={() => setHelping(false)} />}
    </>
  )
}
