import { useMemo, useState } from 'react'
import { type CandidateDistributions } from '../../../../../shared/contracts/series.ts'
import { milliseconds } from '../../../words.ts'
import { axis, Chart } from '../charts/chart.tsx'
import { Legend } from '../charts/legend.tsx'
import { type Theme } from '../charts/theme.ts'
import { Choice } from '../parts/choice.tsx'
import { Part } from '../parts/part.tsx'

type Latencies = CandidateDistributions['latency']
const arms = ['served', 'control', 'candidate'] as const

const hint =
  'The curve says how many answers were faster than a time: at 95 the time that only one in twenty exceeded. A failure is slower than everything. The box holds the middle half of the answers, its line is the median, the whiskers go from the 5th to the 95th in a hundred. Compare candidate and served again: they were asked at the same moment, from the same place.'

/** How fast each arm answers: over all answers, and in five numbers. */
export function Latency({ distributions: { latency } }: { distributions: CandidateDistributions }) {
  const [which, choose] = useState<'ttft' | 'total'>('ttft')
  const curves = useMemo(() => (theme: Theme) => curveOption(latency, which, theme), [latency, which])
  const boxes = useMemo(() => (theme: Theme) => boxOption(latency, which, theme), [latency, which])
  const title = which === 'ttft' ? 'time to the first token' : 'time to the whole answer'
  const median = (arm: (typeof arms)[number]) => milliseconds(at(latency, which, arm, 50))
  return (
    <Part
      title="Speed"
      hint={hint}
      end={
        <Choice
          label="Which time"
          options={[
            { value: 'ttft', title: 'first token' },
            { value: 'total', title: 'whole answer' },
          ]}
          value={which}
          onChange={choose}
        />
      }
    >
      <div className="pair">
        <figure>
          <Chart
            option={curves}
            label={`${title} by percentile: medians candidate ${median('candidate')}, served again ${median('control')}, served ${median('served')}`}
          />
          <figcaption>{title}, in ms (logarithmic), by how many in a hundred were faster</figcaption>
        </figure>
        <figure>
          <Chart option={boxes} label={`${title} of each arm: 5th, 25th, 50th, 75th and 95th in a hundred`} />
          <figcaption>{title}, in ms: the middle half, the median, and nine in ten</figcaption>
        </figure>
      </div>
      <Legend arms={['candidate', 'control', 'served']} control={latency.ttft.control !== null} />
    </Part>
  )
}

function at(
  { percents, ...times }: Latencies,
  which: 'ttft' | 'total',
  arm: (typeof arms)[number],
  percent: number,
): number | null {
  return times[which][arm]?.valuesMs[percents.indexOf(percent)] ?? null
}

const dashes = { served: 'dotted', control: 'dashed', candidate: 'solid' } as const
const names = { served: 'served live', control: 'served again', candidate: 'candidate' } as const

function curveOption(latency: Latencies, which: 'ttft' | 'total', theme: Theme) {
  return {
    xAxis: axis(theme, { type: 'value', min: 0, max: 100, splitLine: { show: false } }),
    yAxis: axis(theme, {
      type: 'log',
      axisLabel: { color: theme.soft, formatter: (value: number) => milliseconds(value) },
    }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number | null) => milliseconds(value ?? null) },
    series: arms.map((arm) => ({
      name: names[arm],
      type: 'line',
      symbol: 'none',
      lineStyle: { color: theme[arm], width: 2, type: dashes[arm] },
      itemStyle: { color: theme[arm] },
      data: (latency[which][arm]?.valuesMs ?? []).map((value, index) => [
        latency.percents[index],
        value === 0 ? null : value,
      ]),
    })),
  }
}

function boxOption(latency: Latencies, which: 'ttft' | 'total', theme: Theme) {
  const drawn = arms.filter((arm) => latency[which][arm] !== null && at(latency, which, arm, 50) !== null)
  return {
    xAxis: axis(theme, {
      type: 'value',
      axisLabel: { color: theme.soft, hideOverlap: true, formatter: (value: number) => milliseconds(value) },
    }),
    yAxis: axis(theme, { type: 'category', data: drawn.map((arm) => names[arm]), splitLine: { show: false } }),
    tooltip: {
      trigger: 'item',
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const arm = drawn[dataIndex]!
        return `${names[arm]}\n${[5, 25, 50, 75, 95].map((percent) => `p${percent} ${milliseconds(at(latency, which, arm, percent))}`).join('\n')}`
      },
    },
    series: [
      {
        type: 'boxplot',
        boxWidth: [18, 32],
        data: drawn.map((arm) => ({
          // A percentile that falls on failures has no end to draw.
          value: [5, 25, 50, 75, 95].map((percent) => at(latency, which, arm, percent) ?? at(latency, which, arm, 50)),
          itemStyle: { color: 'transparent', borderColor: theme[arm], borderWidth: 2, borderType: dashes[arm] },
        })),
      },
    ],
  }
}
