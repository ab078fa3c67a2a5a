import { type Arm } from '../../shared/config/arms.ts'
import { type GatesConfig } from '../../shared/config/schema.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { caveatsOf } from './caveats.ts'
import { coverageOf, untranslatedAllowed } from './coverage.ts'
import { decide } from './decision.ts'
import { evidenceOf } from './evidence.ts'
import { gatesOf } from './gates/index.ts'
import { meansOf } from './means.ts'
import { comparablePairs, type Pair, type PairRow } from './pairs.ts'
import { sentenceOf } from './sentence.ts'
import { unitsOf } from './units.ts'

const dayMs = 86_400_000

/** The part of an arm that a verdict is about. */
export type JudgedArm = Pick<Arm, 'name' | 'fingerprint' | 'provider' | 'model'>

export type VerdictInput = {
  candidate: JudgedArm
  /** Null where the control is switched off. */
  control: Pick<Arm, 'fingerprint'> | null
  /** Comparisons of the candidate, in any order; those of other settings are left out and counted. */
  rows: readonly PairRow[]
  ledger: Verdict['ledger']
  gates: GatesConfig
  asOf: Date
  /** No more exchanges will come: every conversation is closed. */
  trafficEnded: boolean
  /** Only traffic from a chosen moment on was read. */
  isWindow?: boolean
  hasJudge: boolean
  /** How many candidates compete on this traffic. */
  candidates: number
}

/** The verdict on one candidate, from its comparisons alone: the same rows give the same verdict. */
export function verdictOf(input: VerdictInput): Verdict {
  const { candidate, control, gates: config, asOf, trafficEnded, ledger } = input
  const rows = input.rows.filter((row) => row.armFingerprint === candidate.fingerprint)
  const pairs = comparablePairs(rows, control?.fingerprint ?? null)
  const units = unitsOf(pairs, asOf, trafficEnded)
  const hasControl = control !== null
  const evidence = gatesOf(config, hasControl).map((gate) => evidenceOf(gate, pairs, units, config.alpha))
  const days = daysOf(pairs)
  const comparisons = countsOf(rows)
  const coverage = coverageOf(rows)
  const means = meansOf(pairs)
  const decision = decide(evidence, {
    alpha: config.alpha,
    compared: pairs.length,
    conversations: units.closed + units.open,
    daysPerExchange: days > 0 ? days / pairs.length : null,
    usdPerExchange:
      means.costUsd === null || means.controlCostUsd === null ? null : means.costUsd + means.controlCostUsd,
    ledgerBalanced: ledger.balanced,
    enoughDays: days >= config.minDays,
    enoughCovered: coverage.untranslated <= untranslatedAllowed,
  })
  const otherSettings =
    input.rows.length -
    rows.length +
    pairs.filter((pair) => pair.control === null && pair.row.controlFingerprint !== null).length
  return {
    version: 1,
    candidate: candidate.name,
    armFingerprint: candidate.fingerprint,
    provider: candidate.provider,
    model: candidate.model ?? pairs[0]?.row.armModel ?? '',
    servedModels: [...new Set(pairs.flatMap((pair) => pair.row.servedModel ?? []))].toSorted(),
    verdict: decision.verdict,
    reason: decision.reason,
    sentence: sentenceOf(decision, {
      candidate: candidate.name,
      alpha: config.alpha,
      days,
      minDays: config.minDays,
      missing: ledger.missing,
      coverage,
      notComparable: comparisons.notComparableByReason,
    }),
    decidingGate: decision.decidingGate,
    moreNeeded: decision.moreNeeded,
    asOf: asOf.toISOString(),
    from: isoTime(pairs[0]),
    to: isoTime(pairs.at(-1)),
    alpha: config.alpha,
    days,
    units: { closed: units.closed, open: units.open },
    comparisons,
    means,
    gates: decision.gates,
    ledger,
    caveats: caveatsOf({
      ...input,
      rows,
      pairs,
      units,
      days,
      hasControl,
      otherSettings,
      isWindow: input.isWindow ?? false,
    }),
  }
}

/** From the first capture to the last, and no more than the days (UTC) that saw any: one early exchange is no week. */
function daysOf(pairs: readonly Pair[]): number {
  const [first, last] = [pairs[0], pairs.at(-1)]
  if (first === undefined || last === undefined) return 0
  const dates = new Set(pairs.map(({ row }) => Math.floor(row.capturedAtMs / dayMs)))
  return Math.min((last.row.capturedAtMs - first.row.capturedAtMs) / dayMs, dates.size)
}

const isoTime = (pair: Pair | undefined) => (pair ? new Date(pair.row.capturedAtMs).toISOString() : null)

function countsOf(rows: readonly PairRow[]): Verdict['comparisons'] {
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
  }
}
