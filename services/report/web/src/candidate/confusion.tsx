import { type CSSProperties } from 'react'
import { type Breakdown } from '../../../../../shared/contracts/breakdown.ts'
import { count, counted, percent } from '../../../words.ts'
import { Part } from '../parts/part.tsx'

/** Which label became which, for routes that answer with one of a few. */
export function Confusion({ labels, candidate }: { labels: Breakdown['labels']; candidate: string }) {
  return (
    <Part
      title="Labels"
      hint="Rows are what was served, columns what the candidate said. On the diagonal they agree; the darker a cell, the larger its part of the row."
    >
      <div className="stack">
        {labels.map((route) => (
          <div key={route.route}>
            <h3>
              {route.route}{' '}
              <span className="soft">
                {candidate} gives the served label in {percent(route.candidate.accuracy)} of{' '}
                {counted(route.exchanges, 'exchange')}
                {route.control && `, the served model itself in ${percent(route.control.accuracy)}`}
              </span>
            </h3>
            <div className="scroll-x" tabIndex={0} role="region" aria-label={`Labels of ${route.route}`}>
              <table className="confusion">
                <thead>
                  <tr>
                    <th scope="col">served</th>
                    {[...route.labels, 'none of them'].map((label) => (
                      <th key={label} scope="col" className="number">
                        {label}
                      </th>
                    ))}
                    <th scope="col" className="number">
                      found
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {route.labels.map((label, row) => {
                    const counts = route.candidate.counts[row]!
                    const all = counts.reduce((sum, seen) => sum + seen, 0)
                    return (
                      <tr key={label}>
                        <th scope="row">{label}</th>
                        {counts.map((seen, column) => (
                          <td
                            key={route.labels[column] ?? 'none of them'}
                            className={`number cell ${seen === 0 ? 'empty' : column === row ? 'agrees' : 'confused'}`}
                            style={{ '--share': `${all === 0 ? 0 : 12 + (seen / all) * 60}%` } as CSSProperties}
                          >
                            {count(seen)}
                          </td>
                        ))}
                        <td className="number">{percent(route.candidate.classes[row]?.recall ?? null, 0)}</td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </div>
          </div>
        ))}
      </div>
    </Part>
  )
}
