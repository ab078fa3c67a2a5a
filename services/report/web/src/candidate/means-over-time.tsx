import { useMemo, useState } from 'react'
import { type CandidateSeries, type SeriesBucket } from '../../../../../shared/contracts/series.ts'
import { milliseconds, percent } from '../../../words.ts'
import { axis, Chart, timeAxis } from '../charts/chart.tsx'
import { Legend } from '../charts/legend.tsx'
import { type Theme } from '../charts/theme.ts'
import { Choice } from '../parts/choice.tsx'
import { Part } from '../parts/part.tsx'

type Line = (bucket: SeriesBucket) => number | null
type Measure = {
  title: string
  words: (value: number | null) => string
  candidate: Line
  control: Line
  served: Line | null
}

const latency = (title: string, pick: 'ttftP50Ms' | 'ttftP95Ms' | 'totalP50Ms' | 'totalP95Ms'): Measure => ({
  title,
  words: milliseconds,
  candidate: (bucket) => bucket[pick].candidate,
  control: (bucket) => bucket[pick].control,
  served: (bucket) => bucket[pick].served,
})

const measures = {
  quality: {
    title: 'quality',
    words: percent,
    candidate: ({ quality }) => quality,
    control: ({ controlQuality }) => controlQuality,
    served: null,
  },
  divergence: {
    title: 'divergence',
    words: percent,
    candidate: ({ divergence }) => divergence,
    control: ({ controlDivergence }) => controlDivergence,
    served: null,
  },
  ttftP50: latency('first token p50', 'ttftP50Ms'),
  ttftP95: latency('first token p95', 'ttftP95Ms'),
  totalP95: latency('total p95', 'totalP95Ms'),
} satisfies Record<string, Measure>

type Name = keyof typeof measures

/** The candidate beside the served model, bucket by bucket. */
export function MeansOverTime({ series }: { series: CandidateSeries }) {
  const [name, choose] = useState<Name>('quality')
  const measure: Measure = measures[name]
  const option = useMemo(() => (theme: Theme) => meansOption(series.buckets, measure, theme), [series, measure])
  if (series.buckets.length === 0) return null
  const hours = series.bucketSeconds / 3600
  return (
    <Part
      title="Side by side over time"
      hint={`Each point is ${hours === 1 ? 'an hour' : `${hours} hours`} of traffic; hours without any are left out. Nothing is decided from this picture: single hours are noisy.`}
      end={
        <Choice
          label="Measure"
          options={Object.entries(measures).map(([value, { title }]) => ({ value: value as Name, title }))}
          value={name}
          onChange={choose}
        />
      }
    >
      <Chart
        option={option}
        label={`${measure.title} over time, candidate and served model, ${series.buckets.length} points`}
      />
      <Legend arms={measure.served === null ? ['candidate', 'control'] : ['candidate', 'control', 'served']} />
    </Part>
  )
}

function meansOption(buckets: readonly SeriesBucket[], { words, ...lines }: Measure, theme: Theme) {
  const drawn = (name: string, line: Line | null, color: string, type = 'solid') =>
    line === null
      ? []
      : [
          {
            name,
            type: 'line',
            symbol: 'circle',
            symbolSize: 3,
            lineStyle: { color, width: 1.8, type },
            itemStyle: { color },
            data: buckets.map((bucket) => [Date.parse(bucket.at), line(bucket)]),
          },
        ]
  return {
    xAxis: timeAxis(theme),
    yAxis: axis(theme, {
      type: 'value',
      scale: true,
      axisLabel: { color: theme.soft, formatter: (value: number) => words(value) },
    }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number | null) => words(value ?? null) },
    series: [
      ...drawn('served live', lines.served, theme.served, 'dotted'),
      ...drawn('served again', lines.control, theme.control, 'dashed'),
      ...drawn('candidate', lines.candidate, theme.candidate),
    ],
  }
}
