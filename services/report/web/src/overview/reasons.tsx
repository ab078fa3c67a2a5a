import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { equalPlace, GateInterval } from '../parts/gate-interval.tsx'
import { progressOf, whatWouldChange, whereItLoses, whyOf } from './why.ts'

/** Why, what would change it, and where the candidate does well or badly. */
export function Reasons({ verdict, facts }: { verdict: Verdict; facts: CandidateFacts | undefined }) {
  const deciding = verdict.gates.find(({ gate }) => gate === verdict.decidingGate)
  const progress = progressOf(verdict)
  const where = facts === undefined ? null : whereItLoses(facts.prompts)
  return (
    <dl className="reasons">
      <dt>Why</dt>
      <dd>
        <p>{whyOf(verdict)}</p>
        {deciding && deciding.mean !== null && (
          <figure className="deciding">
            <GateInterval gate={deciding} />
            <figcaption>
              <span>too far</span>
              <span>margin</span>
              <span>good enough</span>
            </figcaption>
            <p className="soft small">
              Mark: {verdict.candidate}. Line: how exactly that is known.
              {equalPlace(deciding) !== null && ' Diamond: the served model asked again.'}
            </p>
          </figure>
        )}
      </dd>
      <dt>What would change it</dt>
      <dd>
        <p>{whatWouldChange(verdict, new Date())}</p>
        {progress && (
          <div className="progress">
            <progress max={progress.needed} value={progress.units} aria-label="Evidence gathered so far" />
            <span className="soft small">{progress.words}</span>
          </div>
        )}
      </dd>
      {where !== null && (
        <>
          <dt>Where</dt>
          <dd>
            <p>{where}</p>
          </dd>
        </>
      )}
    </dl>
  )
}
