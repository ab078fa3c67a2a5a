import { type CandidateFacts, type Distribution, type LatencyQuantile } from '../../shared/contracts/report.ts'
import { type GateResult } from '../../shared/contracts/verdict.ts'
import { distance } from './format/rows.ts'
import { type Html, markup } from './html.ts'
import { count, gateTitles, milliseconds, percent } from './words.ts'

// Drawings for paper as well as screens: told apart by form and place first, by colour second.

/** The interval for the distance to the margin, which is the line in the middle. Each gate on its own scale. */
export function intervalDrawing(result: GateResult): Html | string {
  const { gate, mean, lower, upper, state } = result
  if (mean === null || lower === null || upper === null) return ''
  const scale = Math.max(Math.abs(lower), Math.abs(upper)) || 1
  const x = (value: number) => (100 + (value / scale) * 92).toFixed(1)
  return markup`<svg class="forest" viewBox="0 0 200 24" role="img" aria-label="${gateTitles[gate]} ${distance(result)}">
    <rect x="100" y="0" width="100" height="24" class="within" />
    <line x1="100" x2="100" y1="0" y2="24" class="axis" />
    <line x1="${x(lower)}" x2="${x(upper)}" y1="12" y2="12" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
    ${markOf(state, Number(x(mean)))}
  </svg>`
}

/** A disc inside, a square outside, a ring where it is open. */
function markOf(state: GateResult['state'], x: number): Html {
  if (state === 'outside')
    return markup`<rect x="${(x - 5).toFixed(1)}" y="7" width="10" height="10" fill="currentColor" />`
  if (state === 'inside') return markup`<circle cx="${x}" cy="12" r="5.5" fill="currentColor" />`
  return markup`<circle cx="${x}" cy="12" r="4.5" class="ring" stroke="currentColor" stroke-width="2" />`
}

const labelWidth = 110
const plotWidth = 440
const barHeight = 9

/** Bars of both arms for each quantile, with whiskers for the interval. A quantile that falls on failures has no bar. */
export function latencyChart({ candidateArm, controlArm }: CandidateFacts): Html | string {
  const rows = (['ttft', 'total'] as const).flatMap((name) =>
    candidateArm[name].map((ours) => ({
      title: `${name === 'ttft' ? 'first token' : 'total'} p${ours.tau * 100}`,
      ours,
      theirs: controlArm?.[name].find(({ tau }) => tau === ours.tau),
    })),
  )
  const longest = Math.max(0, ...rows.flatMap(({ ours, theirs }) => [reach(ours), reach(theirs)]))
  if (longest === 0) return ''
  const rowHeight = 30
  const x = (ms: number) => labelWidth + (Math.min(ms, longest) / longest) * plotWidth
  const height = rows.length * rowHeight
  return figure(
    'Latency: filled the candidate, outlined the served model asked again; whiskers are 90 % intervals.',
    markup`<svg class="chart" viewBox="0 0 640 ${height}" role="img" aria-label="Latency quantiles of candidate and served model">
      ${rows.map(
        ({ title, ours, theirs }, index) =>
          markup`<text x="${labelWidth - 8}" y="${index * rowHeight + 18}" class="label">${title}</text>
            ${bar(ours, 'candidate', index * rowHeight + 4, x)} ${bar(theirs, 'control', index * rowHeight + 15, x)}`,
      )}
      <line x1="${labelWidth}" x2="${labelWidth}" y1="0" y2="${height}" class="axis" />
    </svg>`,
  )
}

const reach = (quantile: LatencyQuantile | undefined) => Math.max(quantile?.ms ?? 0, quantile?.upperMs ?? 0)

function bar(
  quantile: LatencyQuantile | undefined,
  arm: 'candidate' | 'control',
  y: number,
  x: (ms: number) => number,
): Html {
  if (quantile === undefined) return markup``
  const { ms, lowerMs, upperMs } = quantile
  if (ms === null) return markup`<text x="${labelWidth + 6}" y="${y + 9}" class="value">no finite time</text>`
  const middle = y + barHeight / 2
  const whisker =
    lowerMs === null || upperMs === null
      ? markup``
      : markup`<line x1="${x(lowerMs).toFixed(1)}" x2="${x(upperMs).toFixed(1)}" y1="${middle}" y2="${middle}" class="whisker" />`
  const end = Math.max(x(ms), upperMs === null ? 0 : x(upperMs))
  return markup`<rect class="${arm}" x="${labelWidth}" y="${y}" width="${(x(ms) - labelWidth).toFixed(1)}" height="${barHeight}" />
    ${whisker}
    <text x="${(end + 6).toFixed(1)}" y="${y + 9}" class="value">${milliseconds(ms)}</text>`
}

/** Both scores of both arms side by side. */
export function distributionCharts({ quality, divergence }: CandidateFacts): Html | string {
  if (quality.candidate.every((seen) => seen === 0)) return ''
  return figure(
    'How the scores lie: above the line the candidate, below it the served model asked again. Heights go by the square root of the share, so that rare bad answers can be seen.',
    markup`<div class="sides">
      ${distributionChart('quality', quality)} ${distributionChart('divergence', divergence)}
    </div>`,
  )
}

const histogram = { width: 480, half: 64, foot: 18 }

function distributionChart(title: string, { candidate, control }: Distribution): Html {
  const { width, half, foot } = histogram
  const heights = (counts: readonly number[]) => {
    const all = counts.reduce((sum, seen) => sum + seen, 0)
    return counts.map((seen) => (all === 0 ? 0 : Math.sqrt(seen / all) * half))
  }
  const step = width / candidate.length
  const bars = (counts: readonly number[], arm: string, isAbove: boolean) =>
    heights(counts).map((height, index) =>
      height === 0
        ? markup``
        : markup`<rect
            class="${arm}"
            x="${(index * step + 1).toFixed(1)}"
            y="${(isAbove ? half - height : half).toFixed(1)}"
            width="${(step - 2).toFixed(1)}"
            height="${height.toFixed(1)}"
          />`,
    )
  const bottom = control === null ? half : 2 * half
  return markup`<svg class="chart" viewBox="0 0 ${width} ${bottom + foot}" role="img" aria-label="${title}: ${shares(candidate, control)}">
    ${bars(candidate, 'candidate', true)} ${control === null ? markup`` : bars(control, 'control', false)}
    <line x1="0" x2="${width}" y1="${half}" y2="${half}" class="axis" />
    <text x="0" y="${bottom + 14}" class="value">0</text>
    <text x="${width / 2}" y="${bottom + 14}" class="value middle">${title}</text>
    <text x="${width}" y="${bottom + 14}" class="value end">1</text>
  </svg>`
}

/** For those who hear it: how much lies in the upper and the lower end. */
function shares(candidate: readonly number[], control: readonly number[] | null): string {
  const words = (name: string, counts: readonly number[]) => {
    const all = counts.reduce((sum, seen) => sum + seen, 0)
    return `${name} ${count(all)} exchanges, ${percent(all === 0 ? null : counts.at(-1)! / all)} in the highest bin, ${percent(all === 0 ? null : counts[0]! / all)} in the lowest`
  }
  return [words('candidate', candidate), ...(control === null ? [] : [words('served again', control)])].join('; ')
}

function figure(caption: string, drawing: Html): Html {
  return markup`<figure>
    ${drawing}
    <figcaption>${caption}</figcaption>
  </figure>`
}
