import { type Arm } from '../../shared/config/arms.ts'
import { type GatesConfig, type SlicesConfig } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { alphaOf, type Campaign } from './campaigns/attempts.ts'
import { changesBetween } from './campaigns/changes.ts'
import { caveatsOf } from './caveats.ts'
import { coverageOf } from './coverage.ts'
import { type Case, conclude, judge, weigh } from './judge.ts'
import { type JudgeOfReport, judgingFrom } from './judging.ts'
import { type PairRow } from './pairs.ts'
import { type Nominee } from './slices/found.ts'
import { daysOf } from './sums/pair-tally.ts'
import { countsIn } from './sums/row-tally.ts'
import { advance, nothingSettled, type Settled, termsIn } from './sums/settled.ts'

/** The part of an arm that a verdict is about. */
export type JudgedArm = Pick<Arm, 'name' | 'fingerprint' | 'provider' | 'model'>

export type VerdictInput = {
  candidate: JudgedArm
  /** Null where the control is switched off. */
  control: Pick<Arm, 'fingerprint'> | null
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
export function verdictOf(input: VerdictInput & { rows: readonly PairRow[] }): Verdict {
  return verdictFrom(input, advance(nothingSettled(input), input.rows, input, input))
}

/** The verdict on one candidate, from all that has been added up of its comparisons. */
export function verdictFrom(input: VerdictInput, settled: Settled): Verdict {
  return judge(caseOf(input, settled))
}

/** The same; `confirm` adds to the sums what confirms the slices that the search has picked. */
export async function verdictConfirmed(
  input: VerdictInput,
  settled: Settled,
  confirm: (nominees: readonly Nominee[]) => Promise<void>,
): Promise<Verdict> {
  const given = caseOf(input, settled)
  const draft = weigh(given)
  await confirm(draft.slices?.nominees ?? [])
  return conclude(given, draft)
}

function caseOf(input: VerdictInput, { sums, rows, units }: Settled): Case {
  const { candidate, control } = input
  const campaign = input.campaign ?? null
  const { tally } = sums
  const hasControl = control !== null
  const comparisons = countsIn(rows)
  const judging = input.judge && judgingFrom(rows.judging, input.judge.version)
  const isWindow = input.isWindow ?? false
  const breakdown = input.breakdown ?? null
  return {
    candidate: {
      candidate: candidate.name,
      armFingerprint: candidate.fingerprint,
      provider: candidate.provider,
      model: candidate.model ?? tally.armModel ?? '',
    },
    hasControl,
    sums,
    terms: termsIn(input),
    units,
    off: new Map(),
    isTimed: true,
    comparisons,
    coverage: coverageOf(comparisons),
    broken: rows.broken,
    breakdown,
    ledger: input.ledger,
    scoring: input.scoring,
    gates: campaign === null ? input.gates : { ...input.gates, alpha: alphaIn(campaign, input) },
    asOf: input.asOf,
    judging,
    campaign: campaign && told(campaign, input, rows.leftOut),
    caveats: caveatsOf({
      ...input,
      ...input.gates,
      judging,
      rows,
      breakdown,
      tally,
      units,
      days: daysOf(tally),
      hasControl,
      isWindow,
    }),
  }
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
