import { type GoldenRow, type GoldenSetView } from '../../../../../shared/contracts/golden.ts'
import { count, counted } from '../../../words.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Copy } from '../parts/copy.tsx'
import { Check, Cross } from '../parts/icons.tsx'
import { Moment } from '../parts/moment.tsx'
import { Part } from '../parts/part.tsx'
import { useResource } from '../resource.ts'
import { href } from '../route.ts'
import { useSession } from '../session.tsx'
import { ExportLinks } from './export-links.tsx'
import { holdoutWords } from './golden-page.tsx'
import '../style/golden.css'

const shownRows = 100

/** What is in a set, what it was drawn from, and whether it is still whole. */
export function GoldenSetPage({ name }: { name: string }) {
  const view = useResource<GoldenSetView>(`/api/v1/golden/${encodeURIComponent(name)}?limit=${shownRows}`)
  return <Awaited resource={view}>{(data) => <Shown view={data} />}</Awaited>
}

function Shown({ view: { set, versions, rows, intact } }: { view: GoldenSetView }) {
  const { session } = useSession()
  return (
    <>
      <div className="page-head">
        <h1>
          <a href={href(['golden'])}>Golden sets</a> / {set.name}
        </h1>
        <span className={`badge ${intact ? 'inside' : 'outside'}`}>
          {intact ? <Check /> : <Cross />}
          {intact ? 'as it was frozen' : 'not as it was frozen'}
        </span>
        <span className="end">
          <ExportLinks name={set.name} />
        </span>
        <p className="lead soft">
          {holdoutWords(set)}. Version {set.setVersion}, frozen <Moment at={set.frozenAt} /> by {set.frozenBy}.
          {set.erased > 0 && ` ${counted(set.erased, 'exchange')} of it have been erased since.`}
        </p>
        <span className="small">
          <code>{set.address}</code> <Copy text={set.address} what="the address" />
        </span>
      </div>
      <div className="stack">
        <Part
          title="What it was drawn from"
          hint="Of each kind of traffic some were drawn, so that rare kinds are in it too."
        >
          <div className="scroll-x" tabIndex={0} role="region" aria-label="Kinds of traffic">
            <table>
              <thead>
                <tr>
                  <th scope="col">Kind</th>
                  <th scope="col" className="number">
                    In the traffic
                  </th>
                  <th scope="col" className="number">
                    In the set
                  </th>
                </tr>
              </thead>
              <tbody>
                {set.strata.map(({ stratum, exchanges, items }) => (
                  <tr key={stratum}>
                    <td>{stratum}</td>
                    <td className="number">{count(exchanges)}</td>
                    <td className="number">{count(items)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Part>
        <Part
          title="Exchanges for development"
          end={<span className="soft small">{rows.length > 0 && `the first ${count(rows.length)}`}</span>}
        >
          {rows.length === 0 ? (
            <p className="soft">
              {session.mayReadBodies ? 'There are none.' : 'Texts are not shown to you: they are there.'}
            </p>
          ) : (
            <ul className="golden-rows">
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </ul>
          )}
        </Part>
        {(versions.length > 1 || set.openings.length > 0) && (
          <Part title="History">
            <ul>
              {versions.map(({ setVersion, frozenAt, address }) => (
                <li key={address}>
                  version {setVersion}, <Moment at={frozenAt} /> <code>{address.slice(0, 19)}…</code>
                </li>
              ))}
              {set.openings.map(({ openedAt, openedBy, how, candidate }) => (
                <li key={openedAt}>
                  hold-out opened <Moment at={openedAt} /> by {openedBy}
                  {how === 'run' ? ` for ${candidate ?? 'a run'}` : ' by an export'}
                </li>
              ))}
            </ul>
          </Part>
        )}
      </div>
    </>
  )
}

function Row({ row }: { row: GoldenRow }) {
  return (
    <li>
      <details>
        <summary>
          <span className="golden-route">{row.route}</span>
          <span className="excerpt-line" dir="auto">
            {row.prompt.slice(0, 240)}
          </span>
        </summary>
        <dl className="golden-row">
          <dt>Prompt</dt>
          <dd className="answer" dir="auto">
            {row.prompt}
          </dd>
          <dt>Served</dt>
          <dd className="answer" dir="auto">
            {row.servedOutput}
          </dd>
          {row.groundTruth !== null && (
            <>
              <dt>Right is</dt>
              <dd className="answer" dir="auto">
                {row.groundTruth}
              </dd>
            </>
          )}
        </dl>
      </details>
    </li>
  )
}
