import { type Arm } from '../../shared/config/arms.ts'
import { type GatesConfig } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { caveatsOf } from './caveats.ts'
import { coverageOf } from './coverage.ts'
import { lossesOf } from './losses.ts'
import { daysOf, judge } from './judge.ts'
import { asJudged, type JudgeOfReport, judgingOf } from './judging.ts'
import { comparablePairs, type PairRow } from './pairs.ts'
import { unitsOf } from './units.ts'

/** The part of an arm that a verdict is about. */
export type JudgedArm = Pick<Arm, 'name' | 'fingerprint' | 'provider' | 'model'>

export type VerdictInput = {
  candidate: JudgedArm
  /** Null where the control is switched off. */
  control: Pick<Arm, 'fingerprint'> | null
  /** Comparisons of the candidate, in any order; those of other settings are left out and counted. */
  rows: readonly PairRow[]
  breakdown?: Breakdown | null
  ledger: Verdict['ledger']
  scoring?: Verdict['scoring'] | undefined
  gates: GatesConfig
  asOf: Date
  /** No more exchanges will come: every conversation is closed. */
  trafficEnded: boolean
  /** Only traffic from a chosen moment on was read. */
  isWindow?: boolean
  /** Null: there is none. */
  judge: JudgeOfReport | null
  /** How many candidates compete on this traffic. */
  candidates: number
}

/** The verdict on one candidate, from its comparisons alone: the same rows give the same verdict. */
export function verdictOf(input: VerdictInput): Verdict {
  const { candidate, control, asOf, trafficEnded } = input
  const ofCandidate = input.rows.filter((row) => row.armFingerprint === candidate.fingerprint)
  const judging = input.judge && judgingOf(ofCandidate, input.judge.version)
  const rows = asJudged(ofCandidate, judging)
  const pairs = comparablePairs(rows, control?.fingerprint ?? null)
  const units = unitsOf(pairs, asOf, trafficEnded)
  const hasControl = control !== null
  const otherSettings =
    input.rows.length -
    rows.length +
    pairs.filter((pair) => pair.control === null && pair.row.controlFingerprint !== null).length
  const days = daysOf(pairs)
  const isWindow = input.isWindow ?? false
  const breakdown = input.breakdown ?? null
  return judge({
    candidate: {
      candidate: candidate.name,
      armFingerprint: candidate.fingerprint,
      provider: candidate.provider,
      model: candidate.model ?? pairs[0]?.row.armModel ?? '',
    },
    hasControl,
    pairs,
    units,
    off: new Map(),
    isTimed: true,
    comparisons: countsOf(rows),
    coverage: coverageOf(rows),
    breakdown,
    ledger: input.ledger,
    scoring: input.scoring,
    gates: input.gates,
    asOf,
    judging,
    caveats: caveatsOf({ ...input, judging, rows, breakdown, pairs, units, days, hasControl, otherSettings, isWindow }),
  })
}

export function countsOf(rows: readonly Pick<PairRow, 'outcome' | 'reason' | 'losses'>[]): Verdict['comparisons'] {
  const outcomes = { equivalent: 0, different: 0, failed: 0, not_comparable: 0 }
  const notComparableByReason: Record<string, number> = {}
  for (const { outcome, reason } of rows) {
    outcomes[outcome] += 1
    if (outcome !== 'not_comparable') continue
    const why = reason ?? 'unknown'
    notComparableByReason[why] = (notComparableByReason[why] ?? 0) + 1
  }
  const { equivalent, different, failed, not_comparable: notComparable } = outcomes
  return {
    compared: equivalent + different + failed,
    equivalent,
    different,
    failed,
    notComparable,
    notComparableByReason,
    ...lossesOf(rows),
  }
}
