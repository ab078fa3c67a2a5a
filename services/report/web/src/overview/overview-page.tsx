import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { count } from '../../../words.ts'
import { Awaited } from '../parts/awaited.tsx'
import { Moment } from '../parts/moment.tsx'
import { useReport, useVerdicts } from '../report.tsx'
import { CandidateCard } from './candidate-card.tsx'
import { FirstRequest } from './first-request.tsx'
import { LedgerFlow } from './flow.tsx'
import '../style/overview.css'

/** What may replace the served model, what may not, and what is not known yet. */
export function OverviewPage() {
  const facts = useReport().data?.facts ?? []
  return <Awaited resource={useVerdicts()}>{(verdicts) => <Overview verdicts={verdicts} facts={facts} />}</Awaited>
}

function Overview({ verdicts, facts }: { verdicts: readonly Verdict[]; facts: readonly CandidateFacts[] }) {
  const isEmpty = verdicts.every(({ comparisons }) => comparisons.compared + comparisons.notComparable === 0)
  const models = [...new Set(verdicts.flatMap(({ servedModels }) => servedModels))]
  const served = models.length === 0 ? 'the model you serve' : models.join(', ')
  const compared = Math.max(0, ...verdicts.map(({ comparisons }) => comparisons.compared))
  return (
    <>
      <div className="page-head">
        <h1>Can another model replace {served}?</h1>
        <span className="soft end">
          {verdicts[0] && (
            <>
              as of <Moment at={verdicts[0].asOf} />
            </>
          )}
        </span>
        <p className="lead soft">
          {isEmpty ? 'Nobody knows yet.' : summaryOf(verdicts)}{' '}
          {compared > 0 && `${count(compared)} exchanges of your own traffic were asked again and compared.`}
        </p>
      </div>
      <div className="stack">
        {isEmpty && <FirstRequest />}
        {verdicts.map((verdict) => (
          <CandidateCard
            key={verdict.candidate}
            verdict={verdict}
            facts={facts.find(({ candidate }) => candidate === verdict.candidate)}
          />
        ))}
        <LedgerFlow verdicts={verdicts} />
      </div>
    </>
  )
}

function summaryOf(verdicts: readonly Verdict[]): string {
  const names = (which: string) => verdicts.filter(({ verdict }) => verdict === which).map(({ candidate }) => candidate)
  const [go, noGo, open] = [names('go'), names('no_go'), names('inconclusive')]
  const parts = [
    ...(go.length > 0 ? [`Yes: ${go.join(', ')}.`] : []),
    ...(noGo.length > 0 ? [`No: ${noGo.join(', ')}.`] : []),
    ...(open.length > 0 ? [`Not decided yet: ${open.join(', ')}.`] : []),
  ]
  return parts.join(' ')
}
