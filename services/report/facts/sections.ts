import { type CandidateFacts, type LatencyQuantile, type PromptFacts } from '../../../shared/contracts/report.ts'
import { type Section } from '../sections/section.ts'
import { count, counted, milliseconds, percent, unknown, usd } from '../words.ts'
import { nameOf } from './plain-words.ts'
import { windowRequests } from './thresholds.ts'

/** The numbers beside the verdict, in the order in which a report shows them. */
export function factSectionsOf(facts: CandidateFacts): Section[] {
  if (facts.candidateArm.asked === 0) return []
  return [costSection, availabilitySection, latencySection, promptSection, canarySection].flatMap(
    (section) => section(facts) ?? [],
  )
}

type FactSection = (facts: CandidateFacts) => Section | null

const number = (title: string) => ({ title, isNumber: true })

const costSection: FactSection = ({ candidateArm, controlArm, cost }) => {
  if (candidateArm.usdPerRequest === null && controlArm?.usdPerRequest == null) return null
  const row = (title: string, candidate: number | null, control: number | null) => [title, usd(candidate), usd(control)]
  return {
    title: 'Cost',
    sentences: [
      ...(cost.requestsPerMonth === null
        ? ['Under an hour of traffic: no month is projected from it.']
        : [
            `A month is 30 days of the traffic seen, ${count(Math.round(cost.requestsPerMonth))} requests, at the mean of ${counted(cost.pairs, 'exchange')} priced for both.`,
          ]),
      ...(cost.migrationEffortUsd === null
        ? []
        : [
            cost.paybackMonths === null
              ? `A migration for ${usd(cost.migrationEffortUsd)} is not paid back by savings.`
              : `A migration for ${usd(cost.migrationEffortUsd)} is paid back in ${cost.paybackMonths.toFixed(1)} months.`,
          ]),
    ],
    table: {
      columns: [{ title: 'cost' }, number('candidate'), number('served again')],
      rows: [
        row('per request', candidateArm.usdPerRequest, controlArm?.usdPerRequest ?? null),
        row('per million tokens', candidateArm.usdPerMillionTokens, controlArm?.usdPerMillionTokens ?? null),
        row('per month', cost.candidateUsdPerMonth, cost.controlUsdPerMonth),
      ],
    },
  }
}

const availabilitySection: FactSection = ({ candidateArm, controlArm }) => {
  const arms = [candidateArm, controlArm]
  const kinds = new Map(
    arms.flatMap((arm) => arm?.failures ?? []).map((failure) => [failure.kind, failure.class] as const),
  )
  const failed = (kind: string) =>
    arms.map((arm) => {
      if (arm === null) return unknown
      const failure = arm.failures.find((each) => each.kind === kind)
      return failure === undefined ? '0' : `${count(failure.count)} (${percent(failure.share)})`
    })
  return {
    title: 'Availability',
    sentences: [],
    table: {
      columns: [{ title: 'requests' }, number('candidate'), number('served again')],
      rows: [
        ['asked', ...arms.map((arm) => (arm === null ? unknown : count(arm.asked)))],
        ['with a usable answer', ...arms.map((arm) => percent(arm?.availability ?? null, 2))],
        ...[...kinds].map(([kind, kindClass]) => {
          const words = kind.replaceAll('_', ' ')
          return [kindClass === words ? words : `${kindClass}: ${words}`, ...failed(kind)]
        }),
      ],
    },
  }
}

const latencySection: FactSection = ({ candidateArm, controlArm }) => {
  const rows = (title: string, ours: LatencyQuantile[], theirs: LatencyQuantile[] = []) =>
    ours.map((quantile) => [
      `${title} p${quantile.tau * 100}`,
      withInterval(quantile),
      withInterval(theirs.find(({ tau }) => tau === quantile.tau)),
    ])
  return {
    title: 'Latency',
    sentences: ['With 90 % intervals of one look. A failure is infinitely slow; no p99 from under 500 requests.'],
    table: {
      columns: [{ title: 'quantile' }, number('candidate'), number('served again')],
      rows: [
        ...rows('first token', candidateArm.ttft, controlArm?.ttft),
        ...rows('total', candidateArm.total, controlArm?.total),
      ],
    },
  }
}

function withInterval(quantile: LatencyQuantile | undefined): string {
  if (quantile === undefined) return unknown
  const { ms, lowerMs, upperMs } = quantile
  const end = (value: number | null, open: string) => (value === null ? open : count(Math.round(value)))
  return ms === null ? 'no finite time' : `${milliseconds(ms)} [${end(lowerMs, '0')}, ${end(upperMs, '∞')}]`
}

export const effortTitles: Record<PromptFacts['effort'], string> = {
  as_is: 'works as is',
  minor: 'minor changes',
  rework: 'rework',
  too_few: 'too few to tell',
}

const promptSection: FactSection = ({ prompts }) => {
  if (prompts.length === 0) return null
  return {
    title: 'Prompts',
    sentences: [
      'By system prompt where one was seen 30 times, else by route. An estimate to plan work by: works as is within the quality margin, minor within three of it.',
    ],
    table: {
      columns: [
        { title: 'route and prompt' },
        { title: 'what it takes' },
        number('exchanges'),
        number('quality lost × 100'),
        number('worse on'),
        { title: 'mostly by' },
        { title: 'example' },
      ],
      rows: prompts.map((prompt) => [
        nameOf(prompt),
        effortTitles[prompt.effort],
        count(prompt.exchanges),
        prompt.effort === 'too_few' ? unknown : lostWords(prompt),
        prompt.effort === 'too_few' ? unknown : percent(prompt.worseShare),
        prompt.mostlyBy ?? unknown,
        prompt.example ?? unknown,
      ]),
    },
  }
}

function lostWords({ lost, lostLower, lostUpper }: PromptFacts): string {
  const hundredths = (value: number | null) => (value === null ? unknown : (value * 100).toFixed(1).replace('-', '−'))
  return `${hundredths(lost)} [${hundredths(lostLower)}, ${hundredths(lostUpper)}]`
}

const canarySection: FactSection = ({ thresholds }) => {
  const rows = thresholds.filter(({ baseline }) => baseline !== null)
  if (rows.length === 0) return null
  return {
    title: 'To watch in a canary',
    sentences: [
      `Alert: more than what was measured explains (errors: in ${count(windowRequests)} requests, one false alarm in a thousand). Roll back: where the margin against the served model ends.`,
    ],
    table: {
      columns: [{ title: 'of the candidate' }, number('measured'), number('alert above'), number('roll back above')],
      rows: rows.map(({ metric, baseline, alert, rollback }) => [
        metrics[metric].title,
        ...[baseline, alert, rollback].map(metrics[metric].words),
      ]),
    },
  }
}

/** What each threshold is about, and how its values are written. */
export const metrics: Record<
  CandidateFacts['thresholds'][number]['metric'],
  { title: string; words: (value: number | null) => string }
> = {
  errorRate: { title: 'error rate', words: (value) => percent(value, 2) },
  ttftP99Ms: { title: 'p99 first token', words: milliseconds },
  totalP99Ms: { title: 'p99 total time', words: milliseconds },
  usdPerMillionTokens: { title: 'cost per million tokens', words: usd },
}
