import { useMemo, useState } from 'react'
import { type CandidateSeries, type GateEvidence } from '../../../../../shared/contracts/series.ts'
import { type GateName } from '../../../../../shared/contracts/verdict.ts'
import { gateTitles } from '../../../words.ts'
import { axis, Chart, timeAxis } from '../charts/chart.tsx'
import { type Theme } from '../charts/theme.ts'
import { Choice } from '../parts/choice.tsx'
import { momentWords } from '../parts/moment.tsx'
import { Part } from '../parts/part.tsx'

const hint =
  'Left: the estimate with an interval that holds at every look; the margin is at 0. Right: how strongly the evidence speaks (natural logarithm of an e-value). A side that reaches the dashed line is proven, at the error rate agreed on, however often anybody looked.'

/** How the evidence of a gate has grown. */
export function EvidenceOverTime({ series, decidingGate }: { series: CandidateSeries; decidingGate: GateName | null }) {
  const drawn = series.evidence.filter(({ points }) => points.length > 0)
  const [chosen, choose] = useState<GateName | null>(null)
  const evidence = drawn.find(({ gate }) => gate === (chosen ?? decidingGate)) ?? drawn[0]
  if (evidence === undefined) return null
  return (
    <Part
      title="Evidence over time"
      hint={hint}
      end={
        <label className="small soft">
          Gate{' '}
          <select className="field" value={evidence.gate} onChange={(event) => choose(event.target.value as GateName)}>
            {drawn.map(({ gate }) => (
              <option key={gate} value={gate}>
                {gateTitles[gate]}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <Drawings evidence={evidence} />
    </Part>
  )
}

function Drawings({ evidence }: { evidence: GateEvidence }) {
  const [by, setBy] = useState<'time' | 'units'>('time')
  const interval = useMemo(() => (theme: Theme) => intervalOption(evidence, by, theme), [evidence, by])
  const strength = useMemo(() => (theme: Theme) => strengthOption(evidence, by, theme), [evidence, by])
  const last = evidence.points.at(-1)!
  return (
    <>
      <div className="part-tools">
        <p className="soft small">{evidence.margin}</p>
        <Choice
          label="Horizontal axis"
          options={[
            { value: 'time', title: 'by time' },
            { value: 'units', title: `by ${evidence.unit}s` },
          ]}
          value={by}
          onChange={setBy}
        />
      </div>
      <div className="pair">
        <figure>
          <Chart
            option={interval}
            label={`Estimate of ${gateTitles[evidence.gate]} over time with its interval; now ${hundredths(last.estimate)} [${hundredths(last.lower)}, ${hundredths(last.upper)}] hundredths from the margin`}
          />
          <figcaption>Distance to the margin × 100: above the line is good enough.</figcaption>
        </figure>
        <figure>
          <Chart
            option={strength}
            label={`Evidence for being inside the margin now ${(last.logEvidence ?? 0).toFixed(1)}, for being outside ${(last.logEvidenceNoGo ?? 0).toFixed(1)}, proven at ${evidence.line.toFixed(1)}`}
          />
          <figcaption>
            Strength of the evidence: <span className="go">solid</span> that the margin is kept,{' '}
            <span className="no_go">dotted</span> that it is broken. Proven at the dashed line.
          </figcaption>
        </figure>
      </div>
    </>
  )
}

const hundredths = (value: number | null) => (value === null ? '–' : (value * 100).toFixed(2))

function xAxis(evidence: GateEvidence, by: 'time' | 'units', theme: Theme) {
  return by === 'time'
    ? timeAxis(theme)
    : axis(theme, { type: 'value', min: 0, max: evidence.points.at(-1)!.units, splitLine: { show: false } })
}

function intervalOption(evidence: GateEvidence, by: 'time' | 'units', theme: Theme) {
  const points = evidence.points.filter(
    ({ lower, upper, estimate }) => lower !== null && upper !== null && estimate !== null,
  )
  const x = (point: (typeof points)[number]) => (by === 'time' ? Date.parse(point.at) : point.units)
  const line = (pick: (point: (typeof points)[number]) => number) =>
    points.map((point) => [x(point), pick(point) * 100])
  const band = {
    type: 'line',
    stack: 'band',
    symbol: 'none',
    lineStyle: { opacity: 0 },
    silent: true,
    stackStrategy: 'all',
  }
  return {
    xAxis: xAxis(evidence, by, theme),
    yAxis: axis(theme, { type: 'value' }),
    tooltip: {
      trigger: 'axis',
      formatter: (items: { dataIndex: number }[]) => {
        const point = points[items[0]!.dataIndex]!
        return `${momentWords(point.at)}\n${point.units} ${evidence.unit}s\n${hundredths(point.estimate)} [${hundredths(point.lower)}, ${hundredths(point.upper)}]`
      },
    },
    series: [
      { ...band, data: line(({ lower }) => lower!) },
      {
        ...band,
        data: points.map((point) => [x(point), (point.upper! - point.lower!) * 100]),
        areaStyle: { color: theme.candidate, opacity: 0.16 },
      },
      {
        type: 'line',
        symbol: 'none',
        data: line(({ lower }) => lower!),
        lineStyle: { color: theme.candidate, width: 1 },
        silent: true,
      },
      {
        type: 'line',
        symbol: 'none',
        data: line(({ upper }) => upper!),
        lineStyle: { color: theme.candidate, width: 1 },
        silent: true,
      },
      {
        type: 'line',
        symbol: 'circle',
        symbolSize: 4,
        data: line(({ estimate }) => estimate!),
        lineStyle: { color: theme.candidate, width: 2 },
        itemStyle: { color: theme.candidate },
        markLine: {
          silent: true,
          symbol: 'none',
          data: [{ yAxis: 0 }],
          label: { formatter: 'margin', position: 'insideEndTop', color: theme.soft },
          lineStyle: { color: theme.ink, type: 'solid', width: 1.2 },
        },
      },
    ],
  }
}

function strengthOption(evidence: GateEvidence, by: 'time' | 'units', theme: Theme) {
  const x = (point: GateEvidence['points'][number]) => (by === 'time' ? Date.parse(point.at) : point.units)
  const line = (pick: 'logEvidence' | 'logEvidenceNoGo') =>
    evidence.points.filter((point) => point[pick] !== null).map((point) => [x(point), point[pick]])
  const named = (name: string, color: string, type: string) => ({
    name,
    type: 'line',
    symbol: 'none',
    lineStyle: { color, width: 2, type },
    itemStyle: { color },
  })
  return {
    xAxis: xAxis(evidence, by, theme),
    yAxis: axis(theme, { type: 'value' }),
    tooltip: { trigger: 'axis', valueFormatter: (value: number) => value.toFixed(2) },
    series: [
      {
        ...named('margin kept', theme.go, 'solid'),
        data: line('logEvidence'),
        markLine: {
          silent: true,
          symbol: 'none',
          data: [{ yAxis: evidence.line }],
          label: { formatter: 'proven', position: 'insideEndTop', color: theme.soft },
          lineStyle: { color: theme.ink, type: 'dashed', width: 1.2 },
        },
      },
      { ...named('margin broken', theme.no, 'dotted'), data: line('logEvidenceNoGo') },
    ],
  }
}
