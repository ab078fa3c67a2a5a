import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type Difference } from '../../../../../shared/contracts/comparison.ts'
import { type WaiverKept, type WaiverPreview, type WaiverRule } from '../../../../../shared/contracts/waiver-preview.ts'
import { count, counted, percent } from '../../../words.ts'
import { type ApiError, send } from '../api.ts'
import { Copy } from '../parts/copy.tsx'
import { Failure } from '../parts/failure.tsx'
import { href } from '../route.ts'
import { useMay } from '../session.tsx'

type Scope = { path: boolean; route: boolean; arm: boolean }

/** A difference that is to count no more: what that would cover is shown before anything is kept. */
export function Waive({
  difference,
  candidate,
  route,
  onClose,
}: {
  difference: Difference
  candidate: string
  route: string
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [scope, setScope] = useState<Scope>({ path: difference.path !== null, route: true, arm: true })
  const [preview, setPreview] = useState<WaiverPreview | null>(null)
  const [kept, setKept] = useState<WaiverKept | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const isAdmin = useMay('admin')
  const rule = ruleOf(difference, scope, candidate, route)
  const asked = JSON.stringify(rule)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  useEffect(() => {
    let isGone = false
    const look = async () => {
      setPreview(null)
      try {
        const body = { candidate, rule: JSON.parse(asked) as WaiverRule }
        const found = await send<WaiverPreview>('POST', '/api/v1/waivers/preview', body)
        if (isGone) return
        setPreview(found)
        setError(null)
      } catch (err) {
        if (!isGone) setError(err as ApiError)
      }
    }
    void look()
    return () => {
      isGone = true
    }
  }, [asked, candidate])

  const keep = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    try {
      setKept(
        await send<WaiverKept>('POST', '/api/v1/waivers', {
          rule,
          reason: form.get('reason'),
          expires: form.get('expires'),
        }),
      )
    } catch (err) {
      setError(err as ApiError)
    }
  }

  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="waive-title" className="waive">
      <h2 id="waive-title">Waive “{difference.message}”?</h2>
      <p className="soft">A waiver lets differences of this kind count no more, from today on and for everybody.</p>
      <fieldset className="scope">
        <legend className="small soft">It covers differences of {difference.rung}</legend>
        {difference.path !== null && (
          <Covers
            title={`at ${difference.path} only`}
            isOn={scope.path}
            onChange={(path) => setScope({ ...scope, path })}
          />
        )}
        <Covers
          title={`on route ${route} only`}
          isOn={scope.route}
          onChange={(value) => setScope({ ...scope, route: value })}
        />
        <Covers title={`of ${candidate} only`} isOn={scope.arm} onChange={(arm) => setScope({ ...scope, arm })} />
      </fieldset>
      {error !== null && <Failure error={error} />}
      {preview === null && error === null && <p role="status">Counting what that would cover…</p>}
      {preview !== null && <Preview preview={preview} />}
      {kept === null ? (
        preview !== null &&
        (isAdmin ? (
          <form className="stack" onSubmit={(event) => void keep(event)}>
            <label className="labelled">
              Why it does not matter
              <input className="field" name="reason" required />
            </label>
            <label className="labelled">
              Until, including
              <input className="field" name="expires" type="date" required defaultValue={inDays(90)} />
            </label>
            <button className="button main-action">Waive it</button>
          </form>
        ) : (
          <p className="soft">Only an admin may keep a waiver. This was a look at what it would do.</p>
        ))
      ) : (
        <div role="status">
          <p>{kept.next}</p>
          <Copy text={kept.yaml} what="the waiver as YAML" label="Copy YAML" />
        </div>
      )}
      <form method="dialog">
        <button className="button">Close</button>
      </form>
    </dialog>
  )
}

function Preview({
  preview: { pairs, waivedPairs, compared, share, controlPairs, examples, covers, cut },
}: {
  preview: WaiverPreview
}) {
  return (
    <div className="preview" role="status">
      <p>
        <strong>
          {counted(pairs, 'pair')} of {count(compared)}
        </strong>{' '}
        have such a difference; in {count(waivedPairs)} of them ({percent(share)}) it is the only one, and they would
        count as equivalent.
      </p>
      <p className="soft">
        {controlPairs === 0
          ? 'The served model, asked again, never differs like this: it is no noise.'
          : `The served model, asked again, differs like this itself in ${counted(controlPairs, 'pair')}.`}{' '}
        Rule: {covers}.{cut && ' Only the newest pairs were looked at.'}
      </p>
      {examples.length > 0 && (
        <ul>
          {examples.slice(0, 4).map(({ exchangeId, route, differences }) => (
            <li key={exchangeId}>
              <a href={href(['pairs', exchangeId])}>{route}</a>{' '}
              <span className="soft">
                {differences
                  .map(({ message, served, arm }) => `${message}: ${served ?? '–'} → ${arm ?? '–'}`)
                  .join('; ')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Covers({ title, isOn, onChange }: { title: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label className="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} /> {title}
    </label>
  )
}

function ruleOf({ rung, path }: Difference, scope: Scope, candidate: string, route: string): WaiverRule {
  return {
    rung: rung as WaiverRule['rung'],
    ...(scope.path && path !== null && { path }),
    ...(scope.route && { route }),
    ...(scope.arm && { arm: candidate }),
  }
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
