import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { milliseconds, percent, unknown, usd } from '../../../words.ts'

type Tile = {
  title: string
  meaning: string
  ours: string
  theirs: string
  change: string
  tone: 'better' | 'worse' | 'alike'
}

/** Differences below are told without a colour: they are no news by themselves. */
const [smallPoints, smallPercent] = [0.5, 5]

const meanings = {
  'Quality kept':
    'Facts and fields of the served answers that come again. Below: the served model, asked the same once more',
  'Median first token': 'Half of the answers begin sooner. Below: the served model, asked at the same moment',
  'Cost per request': 'By the prices in the config. Below: the served model, asked the same once more',
  'Failed requests': 'Without a usable answer. Below: the served model, asked the same once more',
} as const

/** Quality, speed, money and errors, each beside the served model asked again. */
export function Glance({ verdict: { means }, facts }: { verdict: Verdict; facts: CandidateFacts | undefined }) {
  const month = facts?.cost
  const tiles: Tile[] = [
    tile('Quality kept', means.quality, means.controlQuality, percent, 'points', 'up'),
    tile('Median first token', means.ttftP50Ms, means.controlTtftP50Ms, milliseconds, 'relative', 'down'),
    tile('Cost per request', means.costUsd, means.controlCostUsd, usd, 'relative', 'down'),
    tile('Failed requests', means.errorRate, means.controlErrorRate, percent, 'points', 'down'),
  ]
  return (
    <dl className="glance">
      {tiles.map(({ title, meaning, ours, theirs, change, tone }) => (
        <div key={title}>
          <dt title={meaning}>
            <span className="hint">{title}</span>
          </dt>
          <dd>
            <span className="ours">{ours}</span>
            <span className={`change ${tone}`}>{change}</span>
            <span className="theirs soft">
              served again <span className="whole">{theirs}</span>
            </span>
          </dd>
        </div>
      ))}
      {month?.savingUsdPerMonth != null && (
        <div className="wide">
          <dt>{month.savingUsdPerMonth < 0 ? 'Extra cost a month' : 'Saved a month'}</dt>
          <dd>
            <span className="ours">{usd(Math.abs(month.savingUsdPerMonth))}</span>
            <span className="theirs soft">
              {usd(month.candidateUsdPerMonth)} instead of {usd(month.controlUsdPerMonth)}
            </span>
          </dd>
        </div>
      )}
    </dl>
  )
}

function tile(
  title: keyof typeof meanings,
  ours: number | null,
  theirs: number | null,
  words: (value: number | null) => string,
  how: 'points' | 'relative',
  better: 'up' | 'down',
): Tile {
  const shown = { title, meaning: meanings[title], ours: words(ours), theirs: words(theirs) }
  const difference =
    ours === null || theirs === null ? null : how === 'points' ? ours - theirs : theirs === 0 ? null : ours / theirs - 1
  if (difference === null) return { ...shown, change: theirs === null ? unknown : '', tone: 'alike' }
  const size = Math.abs(difference * 100)
  const text = how === 'points' ? `${size.toFixed(1)} points` : `${size.toFixed(0)} %`
  if (/^0(\.0)? /.test(text)) return { ...shown, change: 'alike', tone: 'alike' }
  if (size < (how === 'points' ? smallPoints : smallPercent))
    return { ...shown, change: `${difference > 0 ? '+' : '−'}${text}`, tone: 'alike' }
  const isBetter = difference > 0 === (better === 'up')
  return { ...shown, change: `${difference > 0 ? '+' : '−'}${text}`, tone: isBetter ? 'better' : 'worse' }
}
