import { type GateResult, type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { distance, isReplayCheck, legend, moreConversations, naturalPair } from '../../../format/rows.ts'
import { count, gateTitles } from '../../../words.ts'
import { StateBadge } from '../parts/badge.tsx'
import { GateInterval } from '../parts/gate-interval.tsx'
import { Hint } from '../parts/hint.tsx'
import { Part } from '../parts/part.tsx'

/** Every gate as an interval against its margin. */
export function Forest({ verdict }: { verdict: Verdict }) {
  const gates = verdict.gates.filter((gate) => !isReplayCheck(gate))
  const checks = verdict.gates.filter(isReplayCheck)
  return (
    <Part title="Gates" hint={legend(verdict)}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Gates">
        <table className="forest-table">
          <thead>
            <tr>
              <th scope="col">What is asked</th>
              <th scope="col">Answer</th>
              <th scope="col" className="number">
                Candidate
              </th>
              <th scope="col" className="number">
                Served again
              </th>
              <th scope="col" className="plot">
                <span>outside</span>
                <span>margin</span>
                <span>inside</span>
              </th>
              <th scope="col" className="number">
                <Hint text="How far inside (+) or outside (−) its margin, in hundredths of the gate’s own scale, with an interval that holds however often one looks.">
                  Distance × 100
                </Hint>
              </th>
              <th scope="col" className="number">
                Counted
              </th>
              <th scope="col" className="number">
                More needed
              </th>
            </tr>
          </thead>
          <tbody>
            {gates.map((gate) => (
              <Row key={gate.gate} gate={gate} isDeciding={gate.gate === verdict.decidingGate} />
            ))}
          </tbody>
          {checks.length > 0 && (
            <tbody>
              <tr>
                <th colSpan={8} scope="rowgroup" className="group">
                  <Hint text="The served model asked again is held against what was served live. If they are not alike, the replay is not faithful and no verdict is drawn.">
                    Is the replay faithful?
                  </Hint>
                </th>
              </tr>
              {checks.map((gate) => (
                <Row key={gate.gate} gate={gate} isDeciding={gate.gate === verdict.decidingGate} />
              ))}
            </tbody>
          )}
        </table>
      </div>
      <div className="legend forest-legend">
        <span>
          <i className="mark" /> estimate with its interval
        </span>
        <span>
          <i className="diamond" /> the served model asked again: that far is noise
        </span>
        <span>
          <i className="hatched" /> outside the margin
        </span>
      </div>
    </Part>
  )
}

function Row({ gate, isDeciding }: { gate: GateResult; isDeciding: boolean }) {
  const [candidate, reference] = naturalPair(gate)
  return (
    <tr className={isDeciding ? 'deciding-row' : ''}>
      <th scope="row" className="asked">
        <span className="gate-name">
          {gate.notes.length === 0 ? (
            gateTitles[gate.gate]
          ) : (
            <Hint text={gate.notes.join('; ')}>{gateTitles[gate.gate]}</Hint>
          )}
          {isDeciding && <small className="badge plain">decides</small>}
          {!gate.blocking && <small className="badge plain">advises</small>}
        </span>
        <span className="soft small">{gate.margin}</span>
      </th>
      <td>
        <StateBadge state={gate.state} />
      </td>
      <td className="number">{candidate}</td>
      <td className="number">{reference}</td>
      <td className="plot">
        <GateInterval gate={gate} />
      </td>
      <td className="number">{distance(gate)}</td>
      <td className="number">
        {count(gate.units)} <span className="soft small">{gate.unit === 'hour' ? 'hours' : 'conv.'}</span>
      </td>
      <td className="number">{moreConversations(gate)}</td>
    </tr>
  )
}
