import { useMemo } from 'react'
import { type CandidateDistributions } from '../../../../../shared/contracts/series.ts'
import { percent } from '../../../words.ts'
import { axis, Chart } from '../charts/chart.tsx'
import { Legend } from '../charts/legend.tsx'
import { type Theme } from '../charts/theme.ts'
import { Part } from '../parts/part.tsx'

type Histogram = CandidateDistributions['quality']

const hint =
  'Quality: how much of what the served answer says and does the other answer keeps, from 0 to 1. Divergence: how differently it is said, whether that matters or not. Heights go by the square root of the share, so that rare bad answers can be seen.'

/** How the scores lie, the candidate’s above and the served model’s own below the line. */
export function Distributions({ distributions: { quality, divergence } }: { distributions: CandidateDistributions }) {
  return (
    <Part
      title="How the answers score"
      hint={hint}
      end={<Legend arms={['candidate', 'control']} control={quality.control !== null} />}
    >
      <div className="pair">
        <Drawing title="quality" histogram={quality} />
        <Drawing title="divergence" histogram={divergence} />
      </div>
    </Part>
  )
}

function Drawing({ title, histogram }: { title: string; histogram: Histogram }) {
  const option = useMemo(() => (theme: Theme) => histogramOption(histogram, theme), [histogram])
  const [low, high] = title === 'quality' ? ['all lost', 'all kept'] : ['alike', 'all different']
  return (
    <figure>
      <Chart
        option={option}
        height={200}
        label={`${title}: ${edges('candidate', histogram.candidate)}${histogram.control ? `; ${edges('served again', histogram.control)}` : ''}`}
      />
      <figcaption className="ends">
        <span>0: {low}</span>
        <span>{title}</span>
        <span>1: {high}</span>
      </figcaption>
    </figure>
  )
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, seen) => sum + seen, 0)

function edges(name: string, counts: readonly number[]): string {
  const all = sumOf(counts)
  return `${name} ${percent(all === 0 ? null : counts.at(-1)! / all)} in the highest bin, ${percent(all === 0 ? null : counts[0]! / all)} in the lowest`
}

function histogramOption({ bins, candidate, control }: Histogram, theme: Theme) {
  const shares = (counts: readonly number[]) => {
    const all = sumOf(counts)
    return counts.map((seen) => (all === 0 ? 0 : seen / all))
  }
  const bars = (name: string, counts: readonly number[], color: string, sign: 1 | -1) => ({
    name,
    type: 'bar',
    stack: 'both',
    barCategoryGap: '12%',
    itemStyle: sign === 1 ? { color } : { color: 'transparent', borderColor: color, borderWidth: 1.5 },
    data: shares(counts).map((share) => sign * Math.sqrt(share)),
  })
  const begin = (bin: number) => (bin / bins).toFixed(2)
  return {
    xAxis: axis(theme, {
      type: 'category',
      data: candidate.map((_, bin) => `${begin(bin)} to ${begin(bin + 1)}`),
      axisLabel: { show: false },
      axisLine: { lineStyle: { color: theme.soft } },
    }),
    yAxis: axis(theme, {
      type: 'value',
      min: control === null ? 0 : -1,
      max: 1,
      interval: 0.5,
      axisLabel: { color: theme.soft, formatter: (value: number) => percent(value * value, 0) },
    }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number) => percent(value * value) },
    series: [
      bars('candidate', candidate, theme.candidate, 1),
      ...(control === null ? [] : [bars('served again', control, theme.control, -1)]),
    ],
  }
}
