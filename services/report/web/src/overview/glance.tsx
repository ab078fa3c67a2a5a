import { type CandidateFacts } from '../../../../../shared/contracts/report.ts'
import { type Verdict } from '../../../../../shared/contracts/verdict.ts'
import { milliseconds, percent, unknown, usd } from '../../../words.ts'

type Tile = { title: string; ours: string; theirs: string; change: string; tone: 'better' | 'worse' | 'alike' }

/** Differences below are told without a colour: they are no news by themselves. */
const [smallPoints, smallPercent] = [0.5, 5]

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
      {tiles.map(({ title, ours, theirs, change, tone }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>
            <span className="ours">{ours}</span>
            <span className={`change ${tone}`}>{change}</span>
            <span className="theirs soft">served {theirs}</span>
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
  title: string,
  ours: number | null,
  theirs: number | null,
  words: (value: number | null) => string,
  how: 'points' | 'relative',
  better: 'up' | 'down',
): Tile {
  const shown = { title, ours: words(ours), theirs: words(theirs) }
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
