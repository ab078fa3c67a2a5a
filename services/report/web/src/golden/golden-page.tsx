import { type FormEvent, useState } from 'react'
import {
  type GoldenFreezeRequest,
  type GoldenFrozen,
  type GoldenSet,
  type GoldenSets,
} from '../../../../../shared/contracts/golden.ts'
import { count, percent } from '../../../words.ts'
import { type ApiError, send } from '../api.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Failure } from '../parts/failure.tsx'
import { textIn } from '../parts/form.ts'
import { Hint } from '../parts/hint.tsx'
import { Moment } from '../parts/moment.tsx'
import { Part } from '../parts/part.tsx'
import { useVerdicts } from '../report.tsx'
import { useResource } from '../resource.ts'
import { go } from '../location.ts'
import { href } from '../route.ts'
import { useMay } from '../session.tsx'
import { ExportLinks } from './export-links.tsx'
import '../style/golden.css'

/** Frozen sets of exchanges, to hold every later model against the same questions. */
export function GoldenPage() {
  const sets = useResource<GoldenSets>('/api/v1/golden')
  const mayFreeze = useMay('admin')
  return (
    <>
      <div className="page-head">
        <h1>Golden sets</h1>
        <span className="soft">exchanges that are frozen, so that every later model answers the same questions</span>
      </div>
      <div className="stack">
        <Awaited resource={sets}>
          {({ sets: all }) =>
            all.length === 0 ? <p className="card soft">No set has been frozen yet.</p> : <SetTable sets={all} />
          }
        </Awaited>
        {mayFreeze ? <Freeze /> : <p className="soft">Only an admin may freeze a set.</p>}
      </div>
    </>
  )
}

function SetTable({ sets }: { sets: readonly GoldenSet[] }) {
  return (
    <Part title="Sets">
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Sets">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">
                Exchanges
              </th>
              <th scope="col" className="number">
                <Hint text="Kept back for the final sign-off: nobody sees these until a candidate is run on them once.">
                  Hold-out
                </Hint>
              </th>
              <th scope="col" className="number">
                With ground truth
              </th>
              <th scope="col">Frozen</th>
              <th scope="col">
                <Hint text="A hash over every exchange of the set: the same address is the same set, byte for byte.">
                  Address
                </Hint>
              </th>
              <th scope="col">Export</th>
            </tr>
          </thead>
          <tbody>
            {sets.map((set) => (
              <tr key={set.name}>
                <td>
                  <a href={href(['golden', set.name])}>{set.name}</a>{' '}
                  <span className="soft small">version {set.setVersion}</span>
                </td>
                <td className="number">{count(set.items)}</td>
                <td className="number">{count(set.holdout)}</td>
                <td className="number">{count(set.withGroundTruth)}</td>
                <td>
                  <Moment at={set.frozenAt} /> <span className="soft small">by {set.frozenBy}</span>
                </td>
                <td>
                  <code title={set.address}>{set.address.slice(0, 19)}…</code>
                </td>
                <td>
                  <ExportLinks name={set.name} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  )
}

/** Draws a set of the traffic seen and freezes it. */
function Freeze() {
  const { data: verdicts } = useVerdicts()
  const [error, setError] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const freeze = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => textIn(form, name)
    const request: GoldenFreezeRequest = {
      name: text('name'),
      size: Number(text('size')),
      seed: Number(text('seed')),
      holdoutShare: Number(text('holdout')) / 100,
      ...(text('since') !== '' && { since: text('since') }),
      ...(text('candidate') !== '' && { candidate: text('candidate') }),
    }
    setBusy(true)
    try {
      const { set } = await send<GoldenFrozen>('POST', '/api/v1/golden', request)
      go(href(['golden', set.name]))
    } catch (err) {
      setError(err as ApiError)
      setBusy(false)
    }
  }
  return (
    <Part
      title="Freeze a set"
      hint="Exchanges are drawn so that every kind of traffic is in it: by route, task, language and outcome. With the same settings and seed the same exchanges come out."
    >
      {error !== null && <Failure error={error} />}
      <form className="freeze" onSubmit={(event) => void freeze(event)}>
        <label className="labelled">
          Name
          <input
            className="field"
            name="name"
            required
            pattern="[a-z0-9][a-z0-9\-]*"
            maxLength={63}
            placeholder="release-1"
            title="lower-case letters, digits and hyphens"
          />
        </label>
        <label className="labelled" title="How many are drawn">
          <span className="hint">Exchanges</span>
          <input className="field" name="size" type="number" min="1" max="10000" defaultValue="200" required />
        </label>
        <label className="labelled" title="Whole conversations that nobody sees before the final sign-off">
          <span className="hint">Kept back, %</span>
          <input className="field" name="holdout" type="number" min="0" max="90" defaultValue="30" required />
        </label>
        <label
          className="labelled"
          title="Traffic from here on: 30d for the last thirty days, or a date; empty for all"
        >
          <span className="hint">Since</span>
          <input className="field" name="since" placeholder="30d, or a date" />
        </label>
        <label
          className="labelled"
          title="Whose outcomes the draw is spread over: of this candidate equivalent, different and failed ones"
        >
          <span className="hint">Outcome of</span>
          <select className="field" name="candidate">
            <option value="">served model</option>
            {verdicts?.map(({ candidate }) => (
              <option key={candidate}>{candidate}</option>
            ))}
          </select>
        </label>
        <label className="labelled" title="Another number draws other exchanges; the same one the same again">
          <span className="hint">Seed</span>
          <input className="field" name="seed" type="number" min="0" defaultValue="1" required />
        </label>
        <button className="button main-action" disabled={isBusy}>
          {isBusy ? 'Freezing…' : 'Freeze'}
        </button>
      </form>
    </Part>
  )
}

export const holdoutWords = ({ items, holdout }: GoldenSet) =>
  `${count(items)} exchanges, ${count(holdout)} of them (${percent(items === 0 ? null : holdout / items, 0)}) kept back`
