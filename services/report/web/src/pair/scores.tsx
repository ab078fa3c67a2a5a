import { type ArmView, type ComparisonView } from '../../../../../shared/contracts/exchange-view.ts'
import { milliseconds, percent, usd } from '../../../words.ts'
import { meanings } from '../parts/meanings.ts'
import { OutcomeBadge } from '../parts/outcome.tsx'

/** What the comparison came to, which check decided it, and what differs. */
export function Scores({
  arm,
  onWaive,
}: {
  arm: ArmView
  onWaive: ((difference: ComparisonView['differences'][number]) => void) | null
}) {
  const { comparison, losses } = arm
  if (comparison === null) return <p className="soft">It has not been compared yet.</p>
  const { quality, controlQuality, divergence, controlDivergence, deltas, differences, scores, decidedBy } = comparison
  return (
    <div className="scores">
      <dl className="score-row">
        <div>
          <dt>Outcome</dt>
          <dd>
            <OutcomeBadge outcome={comparison.outcome} reason={comparison.reason} />
          </dd>
        </div>
        <div>
          <dt title="The first check that could tell; the ones after it were not asked">
            <span className="hint">Decided by</span>
          </dt>
          <dd>{decidedBy}</dd>
        </div>
        <div>
          <dt title={meanings.quality}>
            <span className="hint">Quality</span>
          </dt>
          <dd>
            {percent(quality)} <span className="soft small">served again {percent(controlQuality)}</span>
          </dd>
        </div>
        <div>
          <dt title={meanings.divergence}>
            <span className="hint">Divergence</span>
          </dt>
          <dd>
            {percent(divergence)} <span className="soft small">served again {percent(controlDivergence)}</span>
          </dd>
        </div>
        <div>
          <dt>Against served</dt>
          <dd>
            {signed(deltas.totalMs, milliseconds)} · {signed(deltas.costUsd, usd)} ·{' '}
            {signed(deltas.outputTokens, String)} tokens
          </dd>
        </div>
        {comparison.label !== null && (
          <div>
            <dt>Label</dt>
            <dd>
              {comparison.label} <span className="soft small">served {comparison.servedLabel ?? '–'}</span>
            </dd>
          </div>
        )}
      </dl>
      {comparison.reason !== null && <p className="soft">{comparison.reason.replaceAll('_', ' ')}</p>}
      {differences.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Differences">
          <table>
            <thead>
              <tr>
                <th scope="col">Check</th>
                <th scope="col">Where</th>
                <th scope="col">What differs</th>
                <th scope="col">Served</th>
                <th scope="col">{arm.arm}</th>
                {onWaive && <th scope="col" />}
              </tr>
            </thead>
            <tbody>
              {differences.map((difference, at) => (
                <tr key={at} className={difference.waivedBy === undefined ? '' : 'waived'}>
                  <td>{difference.rung}</td>
                  <td>{difference.path === null ? '' : <code>{difference.path}</code>}</td>
                  <td>
                    {difference.message}
                    {difference.waivedBy !== undefined && (
                      <small className="badge plain">waived by {difference.waivedBy}</small>
                    )}
                  </td>
                  <td className="answer" dir="auto">
                    {difference.served ?? ''}
                  </td>
                  <td className="answer" dir="auto">
                    {difference.arm ?? ''}
                  </td>
                  {onWaive && (
                    <td className="number">
                      {difference.waivedBy === undefined && (
                        <button className="button quiet" type="button" onClick={() => onWaive(difference)}>
                          Waive…
                        </button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {losses.length > 0 && (
        <div>
          <h4>Asked with something less than was recorded</h4>
          <ul>
            {losses.map(({ parameter, kind, severity, detail }) => (
              <li key={parameter}>
                <code>{parameter}</code> {kind}
                {severity === 'material' ? ' (matters)' : ''}: {detail}
              </li>
            ))}
          </ul>
        </div>
      )}
      {Object.keys(scores).length > 0 && (
        <details>
          <summary className="soft">All scores</summary>
          <ul className="score-list">
            {Object.entries(scores).map(([name, value]) => (
              <li key={name}>
                <span className="soft">{name}</span> {Number(value.toPrecision(4))}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function signed(value: number | null, words: (value: number) => string): string {
  if (value === null) return '–'
  return `${value < 0 ? '−' : value > 0 ? '+' : ''}${words(Math.abs(value))}`
}
