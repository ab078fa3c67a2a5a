import { type GateResult } from '../../../../../shared/contracts/verdict.ts'
import { distance } from '../../../format/rows.ts'
import { gateTitles } from '../../../words.ts'

/** Where the served model, asked again, would itself stand; null where the gate's measure has no such place. */
export function equalPlace({ gate, mean, natural: { candidate, reference } }: GateResult): number | null {
  if (mean === null || candidate === null || reference === null) return null
  if (gate === 'quality') return mean - (candidate - reference)
  if (gate === 'divergence' || gate === 'errors' || gate === 'errorCeiling') return mean + (candidate - reference)
  return null
}

const width = 320
const middle = width / 2
const reach = width / 2 - 10

/**
 * The distance to the margin with its interval. The margin is the line in the middle: hatched left of it is outside, plain right of it is
 * inside. The hollow diamond is the served model asked again: as far as that is the noise of the thing itself.
 */
export function GateInterval({ gate }: { gate: GateResult }) {
  const { mean, lower, upper, state } = gate
  if (mean === null || lower === null || upper === null) return <span className="soft">nothing to draw yet</span>
  const equal = equalPlace(gate)
  const scale = Math.max(Math.abs(lower), Math.abs(upper), Math.abs(equal ?? 0)) || 1
  const x = (value: number) => middle + (value / scale) * reach
  const label = `${gateTitles[gate.gate]}: ${distance(gate)} hundredths from its margin; above 0 is inside`
  return (
    <svg className={`interval ${state}`} viewBox={`0 0 ${width} 30`} role="img" aria-label={label}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0" y1="0" x2="0" y2="6" className="hatch-line" />
        </pattern>
      </defs>
      <rect x="0" y="3" width={middle} height="24" rx="3" className="outside-area" />
      <rect x="0" y="3" width={middle} height="24" rx="3" fill="url(#hatch)" />
      <rect x={middle} y="3" width={middle} height="24" rx="3" className="inside-area" />
      <line x1={middle} x2={middle} y1="0" y2="30" className="margin-line" />
      {equal !== null && (
        <rect
          x={x(equal) - 4}
          y="11"
          width="8"
          height="8"
          transform={`rotate(45 ${x(equal)} 15)`}
          className="equal-mark"
        />
      )}
      <line x1={x(lower)} x2={x(upper)} y1="15" y2="15" className="whisker" />
      <line x1={x(lower)} x2={x(lower)} y1="11" y2="19" className="whisker-end" />
      <line x1={x(upper)} x2={x(upper)} y1="11" y2="19" className="whisker-end" />
      {state === 'outside' ? (
        <rect x={x(mean) - 5} y="10" width="10" height="10" className="mean-mark" />
      ) : (
        <circle cx={x(mean)} cy="15" r="5.5" className={state === 'inside' ? 'mean-mark' : 'mean-mark open'} />
      )}
    </svg>
  )
}
