import { useState } from 'react'
import { type SliceResult, type SlicesOf } from '../../../../../shared/contracts/verdict.ts'
import { count, gateTitles, natural, sliceTitle } from '../../../words.ts'
import { Check, Cross, Waiting } from '../parts/icons.tsx'
import { Part } from '../parts/part.tsx'
import { href } from '../route.ts'

const hint =
  'Each kind of traffic is held against twice the margin, because it has less evidence. “Harmed” is proven, with a correction for looking at many kinds at once; “suspected” is likely: of such a list at most one in ten is there by chance.'

const order: SliceResult['state'][] = ['outside', 'undecided', 'inside', 'too_few']
const words: Record<SliceResult['state'], string> = {
  outside: 'harmed',
  undecided: 'open',
  inside: 'kept',
  too_few: 'too few',
}
const shownAtFirst = 8

/** Kinds of traffic, the worst first. */
export function Slices({ slices, candidate }: { slices: SlicesOf; candidate: string }) {
  const [showsAll, setShowsAll] = useState(false)
  const sorted = [...slices.declared, ...slices.found].toSorted(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || worst(a) - worst(b),
  )
  const shown = showsAll ? sorted : sorted.slice(0, shownAtFirst)
  if (sorted.length === 0) return null
  return (
    <Part title="Kinds of traffic, the worst first" hint={hint}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Kinds of traffic">
        <table>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Answer</th>
              <th scope="col">Worst by</th>
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
            {shown.map((slice) => {
              const [gate] = slice.gates
              return (
                <tr key={`${slice.dimension} ${slice.value}`}>
                  <td>
                    {slice.dimension === 'route' ? (
                      <a href={href(['pairs'], { candidate, route: slice.value, sort: 'worst' })}>
                        {sliceTitle(slice)}
                      </a>
                    ) : (
                      sliceTitle(slice)
                    )}
                    {slices.found.includes(slice) && <small className="soft"> found by search</small>}
                  </td>
                  <td>
                    <span className={`badge ${slice.state === 'too_few' ? 'plain' : slice.state}`}>
                      {slice.state === 'outside' ? <Cross /> : slice.state === 'inside' ? <Check /> : <Waiting />}
                      {words[slice.state]}
                    </span>
                    {slice.gates.some(({ suspected }) => suspected) && slice.state !== 'outside' && (
                      <small className="no_go"> suspected</small>
                    )}
                  </td>
                  <td>{gate ? gateTitles[gate.gate] : '–'}</td>
                  <td className="number">{gate ? natural(gate.natural.candidate, gate.natural.unit) : '–'}</td>
                  <td className="number">{gate ? natural(gate.natural.reference, gate.natural.unit) : '–'}</td>
                  <td className="number">{gate ? count(gate.exchanges) : '–'}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {sorted.length > shownAtFirst && (
        <button className="button quiet" type="button" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Show fewer' : `Show all ${sorted.length}`}
        </button>
      )}
    </Part>
  )
}

const worst = ({ gates }: SliceResult) =>
  Math.min(Infinity, ...gates.flatMap(({ shrunken, mean }) => shrunken ?? mean ?? []))
