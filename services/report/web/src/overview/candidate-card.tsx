import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { plainWords } from '../../../facts/plain-words.ts'
import { isReplayCheck } from '../../../format/rows.ts'
import { VerdictBadge } from '../parts/badge.tsx'
import { GateChip } from '../parts/gate-chip.tsx'
import { Hint } from '../parts/hint.tsx'
import { Glance } from './glance.tsx'
import { href } from '../route.ts'
import { Reasons } from './reasons.tsx'

const headlines: Record<Verdict['verdict'], (candidate: string) => string> = {
  go: (candidate) => `${candidate} may replace it`,
  no_go: (candidate) => `${candidate} may not replace it`,
  inconclusive: (candidate) => `${candidate}: not decided yet`,
}

/** Verdict, why, what would change it, and the price in money and time: all that most people ever need. */
export function CandidateCard({ verdict, facts }: { verdict: Verdict; facts: CandidateFacts | undefined }) {
  const { candidate, provider, model, gates, decidingGate } = verdict
  const [advice = headlines[verdict.verdict](candidate)] = plainWords(verdict, undefined)
  return (
    <article className={`card verdict-card ${verdict.verdict}-edge`} aria-labelledby={`card-${candidate}`}>
      <header>
        <VerdictBadge verdict={verdict.verdict} />
        <h2 id={`card-${candidate}`}>
          <a href={href(['candidates', candidate])}>{candidate}</a>
        </h2>
        <span className="soft">
          {model} at {provider}
        </span>
        <a className="end" href={href(['candidates', candidate])}>
          All evidence
        </a>
      </header>
      <div className="verdict-body">
        <div className="verdict-words">
          <p className="advice">{advice}</p>
          <Reasons verdict={verdict} facts={facts} />
        </div>
        {verdict.reason !== 'no_comparisons' && <Glance verdict={verdict} facts={facts} />}
      </div>
      <ul className="gate-chips" aria-label={`Gates of ${candidate}`}>
        <li className="soft small">
          <Hint text="A candidate may replace the served model when it keeps every gate: it is worse by no more than a margin that was fixed beforehand. A check: kept. A cross: broken. A clock: not settled yet. What only advises does not hold it back.">
            Gates
          </Hint>
        </li>
        {gates
          .filter((gate) => !isReplayCheck(gate))
          .map((gate) => (
            <li key={gate.gate}>
              <GateChip gate={gate} isDeciding={gate.gate === decidingGate} />
            </li>
          ))}
      </ul>
    </article>
  )
}
