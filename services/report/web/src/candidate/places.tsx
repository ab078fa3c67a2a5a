import { type Breakdown } from '../../../../../shared/contracts/breakdown.ts'
import { count, percent } from '../../../words.ts'
import { Part } from '../parts/part.tsx'
import { href } from '../route.ts'

const hint =
  'Where JSON answers and tool calls differ from the served ones, as share of the pairs of the route. How often the served model, asked again, differs there from itself is noise: only what the candidate has above it speaks against it.'

/** Fields that differ, the most above the noise first. */
export function Places({ places, candidate }: { places: Breakdown['places']; candidate: string }) {
  const sorted = places
    .toSorted((a, b) => b.candidate - (b.control ?? 0) - (a.candidate - (a.control ?? 0)))
    .slice(0, 24)
  const most = Math.max(...sorted.flatMap((place) => [place.candidate, place.control ?? 0]), 0.01)
  return (
    <Part title="Fields that differ" hint={hint}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Fields that differ">
        <table>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Field</th>
              <th scope="col" className="bars">
                How often: candidate above, served again below
              </th>
              <th scope="col" className="number">
                Candidate
              </th>
              <th scope="col" className="number">
                Served again
              </th>
              <th scope="col" className="number">
                Exchanges
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((place) => (
              <tr key={`${place.route} ${place.path}`}>
                <td>{place.route}</td>
                <td>
                  <a href={href(['pairs'], { candidate, route: place.route, path: place.path })}>
                    <code>{place.path}</code>
                  </a>
                </td>
                <td className="bars" aria-hidden="true">
                  <i className="bar candidate-ink" style={{ width: `${(place.candidate / most) * 100}%` }} />
                  <i className="bar control-ink" style={{ width: `${((place.control ?? 0) / most) * 100}%` }} />
                </td>
                <td className="number">{percent(place.candidate)}</td>
                <td className="number">{percent(place.control)}</td>
                <td className="number">{count(place.exchanges)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  )
}
