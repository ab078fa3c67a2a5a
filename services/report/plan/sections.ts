import { metrics } from '../facts/sections.ts'
import { type Section } from '../sections/section.ts'
import { count, declaredPercent, percent, span, unknown } from '../words.ts'
import { type Plan, type Stage } from './plan.ts'

const notYet: Record<Plan['verdict'], string | null> = {
  go: null,
  no_go:
    'The verdict is NO-GO: this candidate is shown to be worse than its margins, and a rollout would show it to users.',
  inconclusive: 'The verdict is not GO yet: nothing shows that users would not notice. The plan is what it would be.',
}

/** The plan for people, in the form that the formats show. */
export function planSectionsOf(plan: Plan): Section[] {
  const { stages, thresholds, verdict, sentence, alpha, power, expectedErrorRate } = plan
  const warning = notYet[verdict]
  const known = thresholds.filter(({ rollback }) => rollback !== null)
  return [
    {
      title: `Rollout of ${plan.candidate}: ${plan.model} at ${plan.provider}`,
      sentences: [...(warning === null ? [] : [warning]), sentence],
      table: null,
    },
    {
      title: 'Stages',
      sentences: [
        `Each ends when its requests and its time are over, with no more failures than it says; else roll back. So many requests see the rise with ${declaredPercent(power)} probability and take chance for one with ${declaredPercent(alpha)}, where ${percent(expectedErrorRate, 2)} errors are expected (the measured rate, as high as it may be). From the second stage on they also see twice the share beyond p99.`,
        ...(stages.some(({ days }) => days === null)
          ? [
              'Under an hour of traffic was seen: how long the requests take is not known, so a stage has its shortest time.',
            ]
          : []),
      ],
      table: {
        columns: [
          { title: 'share' },
          { title: 'requests a day', isNumber: true },
          { title: 'sees errors rise by', isNumber: true },
          { title: 'requests', isNumber: true },
          { title: 'at most failures', isNumber: true },
          { title: 'lasts at least', isNumber: true },
        ],
        rows: stages.map(stageRow),
      },
    },
    {
      title: 'Roll back at once where',
      sentences: [],
      table:
        known.length === 0
          ? null
          : {
              columns: [
                { title: 'of the candidate' },
                { title: 'measured', isNumber: true },
                { title: 'look above', isNumber: true },
                { title: 'roll back above', isNumber: true },
              ],
              rows: known.map(({ metric, baseline, alert, rollback }) => [
                metrics[metric].title,
                ...[baseline, alert, rollback].map(metrics[metric].words),
              ]),
            },
    },
  ]
}

function stageRow({
  percent: share,
  requestsPerDay,
  regression,
  requests,
  mostFailures,
  days,
  minDays,
}: Stage): string[] {
  return [
    `${share} %`,
    requestsPerDay === null ? unknown : count(Math.round(requestsPerDay)),
    `${declaredPercent(regression).replace(' %', '')} points`,
    count(requests),
    count(mostFailures),
    span(days ?? minDays),
  ]
}
