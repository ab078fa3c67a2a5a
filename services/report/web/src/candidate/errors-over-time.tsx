import { useMemo } from 'react'
import { type FailureClass } from '../../../../../shared/contracts/report.ts'
import { type CandidateSeries } from '../../../../../shared/contracts/series.ts'
import { count, counted } from '../../../words.ts'
import { axis, Chart, timeAxis } from '../charts/chart.tsx'
import { type Theme } from '../charts/theme.ts'
import { Part } from '../parts/part.tsx'

const classes: { name: FailureClass; title: string; color: string }[] = [
  { name: 'timeout', title: 'timeout', color: '#0072b2' },
  { name: '5xx', title: 'server error (5xx)', color: '#d55e00' },
  { name: 'rate limit', title: 'rate limit', color: '#e69f00' },
  { name: '4xx', title: 'refused request (4xx)', color: '#009e73' },
  { name: 'connection', title: 'no connection', color: '#56b4e9' },
  { name: 'stream', title: 'broken stream', color: '#cc79a7' },
]

/** What kind of failures clients would have seen, and when. */
export function ErrorsOverTime({ series: { buckets } }: { series: CandidateSeries }) {
  const option = useMemo(() => (theme: Theme) => errorsOption(buckets, theme), [buckets])
  const total = (arm: 'candidate' | 'control', name: FailureClass) =>
    buckets.reduce((sum, { errors }) => sum + (errors[arm]?.[name] ?? 0), 0)
  const seen = classes.filter(({ name }) => total('candidate', name) + total('control', name) > 0)
  const failures = seen.reduce((sum, { name }) => sum + total('candidate', name), 0)
  return (
    <Part
      title="Failures"
      hint="A failure counts against the candidate in every gate: its quality is 0 and its time is infinite. Solid bars are the candidate’s, pale ones the served model’s, asked at the same moment."
    >
      {seen.length === 0 ? (
        <p>No request failed, neither the candidate’s nor those of the served model asked again.</p>
      ) : (
        <>
          <Chart
            option={option}
            height={200}
            label={`${counted(failures, 'failure')} of the candidate over time, by kind`}
          />
          <ul className="legend error-legend">
            {seen.map(({ name, title, color }) => (
              <li key={name}>
                <i style={{ background: color }} /> {title}: candidate {count(total('candidate', name))}, served again{' '}
                {count(total('control', name))}
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  )
}

function errorsOption(buckets: CandidateSeries['buckets'], theme: Theme) {
  const bars = (arm: 'candidate' | 'control') =>
    classes
      .filter(({ name }) => buckets.some(({ errors }) => (errors[arm]?.[name] ?? 0) > 0))
      .map(({ name, title, color }) => ({
        name: `${title}, ${arm === 'candidate' ? arm : 'served again'}`,
        type: 'bar',
        stack: arm,
        barMaxWidth: 14,
        itemStyle: { color, opacity: arm === 'candidate' ? 1 : 0.4 },
        data: buckets.map(({ at, errors }) => [Date.parse(at), errors[arm]?.[name] ?? 0]),
      }))
  return {
    xAxis: timeAxis(theme),
    yAxis: axis(theme, { type: 'value', minInterval: 1 }),
    tooltip: { trigger: 'axis' },
    series: [...bars('candidate'), ...bars('control')],
  }
}
