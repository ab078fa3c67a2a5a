import { useMemo } from 'react'
import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type CandidateSeries } from '../../../../../shared/contracts/series.ts'
import { count, counted, usd } from '../../../words.ts'
import { axis, Chart, timeAxis } from '../charts/chart.tsx'
import { Legend } from '../charts/legend.tsx'
import { type Theme } from '../charts/theme.ts'
import { Part } from '../parts/part.tsx'

/** What a request costs, and what a month of the traffic seen would. */
export function Cost({
  facts: { candidateArm, controlArm, cost },
  series,
}: {
  facts: CandidateFacts
  series: CandidateSeries | null
}) {
  const option = useMemo(() => (theme: Theme) => costOption(series?.buckets ?? [], theme), [series])
  const rows = [
    ['per request', candidateArm.usdPerRequest, controlArm?.usdPerRequest ?? null],
    ['per million tokens', candidateArm.usdPerMillionTokens, controlArm?.usdPerMillionTokens ?? null],
    ['per month, projected', cost.candidateUsdPerMonth, cost.controlUsdPerMonth],
  ] as const
  const hasCosts = series?.buckets.some(({ costUsd }) => costUsd.candidate !== null)
  return (
    <Part
      title="Cost"
      hint={
        cost.requestsPerMonth === null
          ? 'Under an hour of traffic: no month is projected from it.'
          : `A month is 30 days of the traffic seen, ${count(Math.round(cost.requestsPerMonth))} requests, at the mean of ${counted(cost.pairs, 'exchange')} that were priced for both.`
      }
    >
      <div className="pair">
        <div>
          <table>
            <thead>
              <tr>
                <th scope="col">Cost</th>
                <th scope="col" className="number">
                  Candidate
                </th>
                <th scope="col" className="number">
                  Served again
                </th>
                <th scope="col" className="number">
                  Change
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([title, ours, theirs]) => (
                <tr key={title}>
                  <td>{title}</td>
                  <td className="number">{usd(ours)}</td>
                  <td className="number">{usd(theirs)}</td>
                  <td className="number">{changeOf(ours, theirs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="saving">{savingWords(cost)}</p>
        </div>
        {hasCosts && (
          <figure>
            <Chart
              option={option}
              height={180}
              label="Cost per compared exchange over time, candidate and served model"
            />
            <Legend arms={['candidate', 'control']} />
            <figcaption>Cost per exchange compared, over time</figcaption>
          </figure>
        )}
      </div>
    </Part>
  )
}

function changeOf(ours: number | null, theirs: number | null): string {
  if (ours === null || theirs === null || theirs === 0) return '–'
  const change = (ours / theirs - 1) * 100
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(0)} %`
}

function savingWords({ savingUsdPerMonth, migrationEffortUsd, paybackMonths }: CandidateFacts['cost']): string {
  if (savingUsdPerMonth === null) return 'There is no projection: not enough traffic, or no price.'
  const saves =
    savingUsdPerMonth >= 0
      ? `It saves about ${usd(savingUsdPerMonth)} a month.`
      : `It costs about ${usd(-savingUsdPerMonth)} more a month.`
  if (migrationEffortUsd === null) return saves
  return paybackMonths === null
    ? `${saves} A migration for ${usd(migrationEffortUsd)} is not paid back by it.`
    : `${saves} A migration for ${usd(migrationEffortUsd)} is paid back in ${paybackMonths.toFixed(1)} months.`
}

function costOption(buckets: CandidateSeries['buckets'], theme: Theme) {
  const line = (name: string, arm: 'candidate' | 'control', type: string) => ({
    name,
    type: 'line',
    symbol: 'circle',
    symbolSize: 3,
    lineStyle: { color: theme[arm], width: 1.8, type },
    itemStyle: { color: theme[arm] },
    data: buckets.map(({ at, costUsd, comparisons }) => {
      const spent = costUsd[arm]
      return [Date.parse(at), spent === null || comparisons === 0 ? null : spent / comparisons]
    }),
  })
  return {
    xAxis: timeAxis(theme),
    yAxis: axis(theme, { type: 'value', axisLabel: { color: theme.soft, formatter: (value: number) => usd(value) } }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number | null) => usd(value ?? null) },
    series: [line('served again', 'control', 'dashed'), line('candidate', 'candidate', 'solid')],
  }
}
