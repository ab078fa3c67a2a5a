import { type Arm } from '../../shared/config/arms.ts'
import { type GatesConfig, type SlicesConfig } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { alphaOf, type Campaign } from './campaigns/attempts.ts'
import { changesBetween } from './campaigns/changes.ts'
import { caveatsOf } from './caveats.ts'
import { coverageOf } from './coverage.ts'
import { lossesOf } from './losses.ts'
import { daysOf, judge } from './judge.ts'
import { asJudged, type JudgeOfReport, judgingOf } from './judging.ts'
import { comparablePairs, isUsable, type PairRow } from './pairs.ts'
import { sliceOf } from './slices/dimensions.ts'
import { slicesInput } from './slices/slices.ts'
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
  /** Null where nothing is known of other attempts: alpha is then that of the gates. */
  campaign?: Campaign | null
  /** Kinds of traffic to judge by themselves. */
  slices?: SlicesConfig
}

/** The verdict on one candidate, from its comparisons alone: the same rows give the same verdict. */
export function verdictOf(input: VerdictInput): Verdict {
  const { candidate, control, asOf, trafficEnded } = input
  const campaign = input.campaign ?? null
  const countsFromMs = campaign?.countsFromMs ?? -Infinity
  const fresh = input.rows.filter((row) => !(row.capturedAtMs < countsFromMs))
  const ofCandidate = fresh.filter((row) => row.armFingerprint === candidate.fingerprint)
  const judging = input.judge && judgingOf(ofCandidate, input.judge.version)
  const rows = asJudged(ofCandidate, judging)
  const broken = rows.filter((row) => row.error !== null && row.outcome !== 'not_comparable' && !isUsable(row))
  const isBroken = new Set(broken)
  const usable = rows.filter((row) => !isBroken.has(row))
  const pairs = comparablePairs(usable, control?.fingerprint ?? null)
  const units = unitsOf(pairs, asOf, trafficEnded, input.gates.maxUnits)
  const hasControl = control !== null
  const otherSettings =
    fresh.length -
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
    broken: broken.map(({ exchangeId }) => exchangeId),
    breakdown,
    ledger: input.ledger,
    scoring: input.scoring,
    gates: campaign === null ? input.gates : { ...input.gates, alpha: alphaIn(campaign, input) },
    asOf,
    judging,
    campaign: campaign && told(campaign, input, input.rows.length - fresh.length),
    bounds: campaign?.bounds ?? new Map(),
    slices: input.slices ? slicesInput(input.slices, sliceOf, campaign?.hash ?? candidate.fingerprint) : null,
    caveats: caveatsOf({
      ...input,
      ...input.gates,
      judging,
      rows,
      breakdown,
      pairs,
      units,
      days,
      hasControl,
      otherSettings,
      isWindow,
    }),
  })
}

const competing = ({ gates, candidates }: VerdictInput) => (gates.candidatesCompete ? candidates : 1)

const alphaIn = ({ attempt }: Campaign, input: VerdictInput) => alphaOf(input.gates.alpha, attempt, competing(input))

/** Without what the evidence will add. */
function told(campaign: Campaign, input: VerdictInput, leftOut: number): NonNullable<Verdict['campaign']> {
  const { hash, attempt, startedAtMs, countsFromMs, attempts, inputs } = campaign
  const tried = attempts.map((row) => ({
    hash: row.hash,
    startedAtMs: row.startedAtMs as number | null,
    inputs: row.inputs,
  }))
  if (campaign.id === null) tried.push({ hash, startedAtMs, inputs })
  return {
    hash,
    attempt,
    startedAt: isoTime(startedAtMs),
    countsFrom: countsFromMs === Infinity ? null : isoTime(countsFromMs),
    alphaInAll: input.gates.alpha,
    competing: competing(input),
    maxUnits: input.gates.maxUnits ?? null,
    leftOut,
    attempts: tried.map((row, index) => ({
      attempt: index + 1,
      hash: row.hash,
      startedAt: isoTime(row.startedAtMs),
      changes: index === 0 ? [] : changesBetween(tried[index - 1]!.inputs, row.inputs),
    })),
    bounds: [],
  }
}

const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

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
