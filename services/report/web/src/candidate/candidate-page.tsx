import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type CandidateDistributions, type CandidateSeries } from '../../../../../shared/contracts/series.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { factSectionsOf } from '../../../facts/sections.ts'
import { plainWords } from '../../../facts/plain-words.ts'
import { sectionsOf } from '../../../sections/index.ts'
import { count, counted, span } from '../../../words.ts'
import { Glance } from '../overview/glance.tsx'
import { Reasons } from '../overview/reasons.tsx'
import { Awaited } from '../parts/awaited.tsx'
import { VerdictBadge } from '../parts/badge.tsx'
import { Part } from '../parts/part.tsx'
import { Sections } from '../parts/sections.tsx'
import { useReport, useVerdicts } from '../report.tsx'
import { useResource } from '../resource.ts'
import { href } from '../route.ts'
import { Confusion } from './confusion.tsx'
import { Cost } from './cost.tsx'
import { Distributions } from './distributions.tsx'
import { ErrorsOverTime } from './errors-over-time.tsx'
import { EvidenceOverTime } from './evidence-over-time.tsx'
import { Forest } from './forest.tsx'
import { Latency } from './latency.tsx'
import { MeansOverTime } from './means-over-time.tsx'
import { Places } from './places.tsx'
import { Prompts } from './prompts.tsx'
import { Slices } from './slices.tsx'
import '../style/overview.css'
import '../style/candidate.css'

/** Everything that is known of one candidate, from the verdict down to single fields. */
export function CandidatePage({ name }: { name: string }) {
  return <Awaited resource={useVerdicts()}>{(verdicts) => <Found verdicts={verdicts} name={name} />}</Awaited>
}

function Found({ verdicts, name }: { verdicts: readonly Verdict[]; name: string }) {
  const facts = useReport().data?.facts
  const verdict = verdicts.find(({ candidate }) => candidate === name)
  if (verdict === undefined) {
    return (
      <div className="notice">
        <div>
          <h2>There is no candidate “{name}”</h2>
          <p className="soft">
            It may have been taken out of the config. <a href={href([])}>All candidates</a> are on the overview.
          </p>
        </div>
      </div>
    )
  }
  return <Evidence verdict={verdict} facts={facts?.find(({ candidate }) => candidate === name)} />
}

function Evidence({ verdict, facts }: { verdict: Verdict; facts: CandidateFacts | undefined }) {
  const { candidate, model, provider, comparisons, units, days, breakdown } = verdict
  const base = `/api/v1/candidates/${encodeURIComponent(candidate)}`
  const series = useResource<CandidateSeries>(`${base}/series`, true)
  const distributions = useResource<CandidateDistributions>(`${base}/distributions`, true)
  return (
    <>
      <div className="page-head">
        <h1>{candidate}</h1>
        <VerdictBadge verdict={verdict.verdict} />
        <span className="soft">
          {model} at {provider}
        </span>
        <a className="button end" href={href(['pairs'], { candidate, sort: 'worst' })}>
          Look at the pairs
        </a>
        <p className="lead soft">
          {counted(comparisons.compared, 'exchange')} compared over {span(days)}: {count(comparisons.equivalent)}{' '}
          equivalent, {count(comparisons.different)} different, {count(comparisons.failed)} failed.{' '}
          {counted(units.closed, 'conversation')} count
          {units.open > 0 ? `, ${count(units.open)} are still open` : ''}.
        </p>
      </div>
      <div className="stack">
        <section className={`card verdict-card ${verdict.verdict}-edge`} aria-label="Verdict">
          <div className="verdict-body">
            <div className="verdict-words">
              <p className="advice">{plainWords(verdict, undefined)[0] ?? verdict.sentence}</p>
              <Reasons verdict={verdict} facts={facts} />
            </div>
            <Glance verdict={verdict} facts={facts} />
          </div>
        </section>
        <Forest verdict={verdict} />
        <Awaited resource={series}>
          {(data) => (
            <>
              <EvidenceOverTime series={data} decidingGate={verdict.decidingGate} />
              <MeansOverTime series={data} />
            </>
          )}
        </Awaited>
        <Awaited resource={distributions}>
          {(data) => (
            <>
              <Distributions distributions={data} />
              <Latency distributions={data} />
            </>
          )}
        </Awaited>
        {series.data && <ErrorsOverTime series={series.data} />}
        {facts && <Cost facts={facts} series={series.data} />}
        {verdict.slices && <Slices slices={verdict.slices} candidate={candidate} />}
        {breakdown && breakdown.places.length > 0 && <Places places={breakdown.places} candidate={candidate} />}
        {breakdown && breakdown.labels.length > 0 && <Confusion labels={breakdown.labels} candidate={candidate} />}
        {facts && facts.prompts.length > 0 && <Prompts prompts={facts.prompts} candidate={candidate} />}
        {verdict.caveats.length > 0 && (
          <Part title="To keep in mind">
            <ul>
              {verdict.caveats.map((caveat) => (
                <li key={caveat}>{caveat}</li>
              ))}
            </ul>
          </Part>
        )}
        <details className="card all-numbers">
          <summary>
            <h2>Every number as a table</h2>
          </summary>
          <Sections sections={[...sectionsOf(verdict), ...(facts ? factSectionsOf(facts) : [])]} />
        </details>
      </div>
    </>
  )
}
