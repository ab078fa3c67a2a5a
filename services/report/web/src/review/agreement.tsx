import { type HumanEstimate, type KappaOf, type ReviewAgreement } from '../../../../../shared/contracts/review.ts'
import { count, counted, percent, unknown } from '../../../words.ts'
import { Hint } from '../parts/hint.tsx'
import { Awaited } from '../parts/awaited.tsx'
import { Part } from '../parts/part.tsx'
import { useResource } from '../resource.ts'

const hint =
  'Estimates rest on labels of pairs that were drawn at random, each weighted by the inverse of its chance to be drawn; the scores of all other pairs narrow the interval as far as they agree with people (prediction-powered inference).'

/** What people say, how far they agree with one another, and how far the measures agree with them. */
export function Agreement({ candidate }: { candidate: string }) {
  const agreement = useResource<ReviewAgreement>(
    `/api/v1/reviews/agreement?candidate=${encodeURIComponent(candidate)}`,
    true,
  )
  return (
    <Part title="What people say" hint={hint}>
      <Awaited resource={agreement}>
        {({ review, alpha }) =>
          review === null ? (
            <p className="soft">Nobody has labelled an answer of {candidate} yet.</p>
          ) : (
            <div className="stack">
              <dl className="score-row">
                <Fact title="Labels">{count(review.labels)}</Fact>
                <Fact title="Reviewers">{count(review.reviewers)}</Fact>
                <Fact title="Blind">{count(review.blind)}</Fact>
                <Fact title="Answers that people call fine">{estimateWords(review.fine, alpha)}</Fact>
                <Fact title="Against the served ones">{estimateWords(review.difference, alpha)}</Fact>
              </dl>
              {review.whyNone !== null && <p className="soft">{review.whyNone}</p>}
              {(review.betweenReviewers.length > 0 || review.againstMeasures.length > 0) && (
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Who agrees with whom</th>
                      <th scope="col" className="number">
                        <Hint text="Cohen’s kappa: 0 is as much agreement as chance gives, 1 is always. Above 0.6 is usually called good.">
                          Kappa
                        </Hint>
                      </th>
                      <th scope="col" className="number">
                        Agree on
                      </th>
                      <th scope="col" className="number">
                        Answers
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {review.betweenReviewers.map((kappa) => (
                      <Kappa key={kappa.reviewers.join()} title={kappa.reviewers.join(' and ')} kappa={kappa} />
                    ))}
                    {review.againstMeasures.map((kappa) => (
                      <Kappa
                        key={kappa.measure}
                        title={`people and ${kappa.measure === 'checks' ? 'the checks' : kappa.measure === 'judge' ? 'the judge' : 'quality'}`}
                        kappa={kappa}
                      />
                    ))}
                  </tbody>
                </table>
              )}
              <p className="soft">
                {review.qualityIsCalibrated
                  ? 'Quality agrees with people well enough to stand for them.'
                  : 'Whether quality stands for what people say is not shown yet: it takes 100 labels and a kappa of 0.6.'}{' '}
                {review.coverage
                  .map(
                    ({ stratum, labelled, drawn }) =>
                      `${counted(labelled, 'label')} of ${count(drawn)} drawn among those that ${stratum}.`,
                  )
                  .join(' ')}
              </p>
            </div>
          )
        }
      </Awaited>
    </Part>
  )
}

function Fact({ title, children }: { title: string; children: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Kappa({ title, kappa: { kappa, lower, upper, agreement, pairs } }: { title: string; kappa: KappaOf }) {
  return (
    <tr>
      <td>{title}</td>
      <td className="number">
        {kappa === null ? unknown : kappa.toFixed(2)}
        {lower !== null && upper !== null && ` [${lower.toFixed(2)}, ${upper.toFixed(2)}]`}
      </td>
      <td className="number">{percent(agreement)}</td>
      <td className="number">{count(pairs)}</td>
    </tr>
  )
}

function estimateWords(estimate: HumanEstimate | null, alpha: number): string {
  if (estimate === null) return 'too few labels'
  return `${percent(estimate.estimate)} [${percent(estimate.lower)}, ${percent(estimate.upper)}] at ${percent(1 - 2 * alpha, 0)}`
}
