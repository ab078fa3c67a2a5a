import { type GatesConfig } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type GateName, type Verdict } from '../../shared/contracts/verdict.ts'
import { type Coverage, untranslatedAllowed } from './coverage.ts'
import { decide } from './decision.ts'
import { type Evidence, evidenceOf, evidenceOfOff } from './evidence.ts'
import { type Bound } from './gates/gate.ts'
import { gatesOf } from './gates/index.ts'
import { dealWith, mostLeftOut, noIncidents } from './incidents.ts'
import { meansOf } from './means.ts'
import { isControlled, type Measures, type Pair } from './pairs.ts'
import { sentenceOf } from './sentence.ts'
import { exceptIn, judgeSlices, type SlicesInput } from './slices/slices.ts'
import { type Units } from './units.ts'

const dayMs = 86_400_000

/** Everything that a verdict is drawn from, wherever the pairs come from. */
export type Case = {
  candidate: Pick<Verdict, 'candidate' | 'armFingerprint' | 'provider' | 'model'>
  hasControl: boolean
  /** In the order of their capture. */
  pairs: readonly Pair[]
  units: Units
  /** Gates without data of their own, each with the reason. */
  off: ReadonlyMap<GateName, string>
  /** False: nobody knows when the exchanges were, so the minimum of days does not apply. */
  isTimed: boolean
  comparisons: Verdict['comparisons']
  coverage: Coverage
  breakdown: Breakdown | null
  /** Exchanges of which a measure is none: in no gate, and no GO beside them. */
  broken: readonly string[]
  ledger: Verdict['ledger']
  scoring?: Verdict['scoring'] | undefined
  gates: GatesConfig
  asOf: Date
  campaign: Verdict['campaign']
  /** What earlier exchanges of the campaign have fixed. */
  bounds: ReadonlyMap<GateName, Bound>
  /** Null where no slices are declared. */
  slices: SlicesInput | null
  caveats: string[]
  judging?: Verdict['judging']
}

/** The verdict on one candidate: the same pairs give the same verdict. */
export function judge(input: Case): Verdict {
  const { pairs, units, gates: config, ledger, coverage, comparisons, isTimed } = input
  const incidents = isTimed && config.excludeIncidents ? dealWith(pairs) : noIncidents
  const evidence = gatesOf(config, input.hasControl).map((gate) => {
    const off = input.off.get(gate.name)
    return off === undefined
      ? evidenceOf(gate, pairs, units, config.alpha, input.bounds.get(gate.name), incidents)
      : evidenceOfOff(gate, off)
  })
  const slices =
    input.slices &&
    judgeSlices(input.slices, {
      pairs,
      units,
      incidents,
      config,
      hasControl: input.hasControl,
      bounds: new Map(evidence.flatMap(({ gate, bound }) => (bound === null ? [] : [[gate, bound]]))),
      measured: new Set(evidence.filter((each) => each.units > 0).map(({ gate }) => gate)),
    })
  const days = isTimed ? daysOf(pairs) : 0
  const means = meansOf(pairs)
  const { costUsd, controlCostUsd } = means
  const decision = decide(evidence, {
    alpha: config.alpha,
    isFinal: units.isFull,
    compared: pairs.length,
    conversations: units.closed + units.open,
    daysPerExchange: days > 0 ? days / pairs.length : null,
    usdPerExchange: sumOf([costUsd, controlCostUsd, judgeUsdPerExchange(input.judging, pairs.length)]),
    ledgerBalanced: ledger.balanced,
    enoughDays: !isTimed || days >= config.minDays,
    enoughCovered: coverage.untranslated <= untranslatedAllowed,
    allUsable: input.broken.length === 0,
    enoughCalm: incidents.shareLeftOut <= mostLeftOut,
    armsDiffer: armsDiffer(pairs),
  })
  const except = decision.verdict === 'go' ? exceptIn(slices) : []
  return {
    version: 1,
    ...input.candidate,
    servedModels: [...new Set(pairs.flatMap((pair) => pair.row.servedModel ?? []))].toSorted(),
    verdict: decision.verdict,
    reason: decision.reason,
    sentence: sentenceOf(decision, {
      candidate: input.candidate.candidate,
      alpha: config.alpha,
      campaign: input.campaign,
      slices,
      except,
      broken: input.broken,
      shareLeftOut: incidents.shareLeftOut,
      days,
      minDays: config.minDays,
      maxUnits: config.maxUnits,
      missing: ledger.missing,
      coverage,
      notComparable: comparisons.notComparableByReason,
    }),
    decidingGate: decision.decidingGate,
    moreNeeded: decision.moreNeeded,
    asOf: input.asOf.toISOString(),
    from: isTimed ? isoTime(pairs[0]) : null,
    to: isTimed ? isoTime(pairs.at(-1)) : null,
    alpha: config.alpha,
    campaign: input.campaign && { ...input.campaign, bounds: boundsIn(evidence) },
    days,
    units: { closed: units.closed, open: units.open },
    comparisons,
    means,
    breakdown: input.breakdown,
    gates: decision.gates,
    judging: input.judging ?? null,
    slices,
    except,
    incidents: incidents.told,
    ledger,
    scoring: input.scoring ?? null,
    caveats: input.caveats,
  }
}

function boundsIn(evidence: readonly Evidence[]): NonNullable<Verdict['campaign']>['bounds'] {
  return evidence.flatMap(({ gate, bound }) =>
    bound === null
      ? []
      : [
          {
            gate,
            value: bound.value,
            until: new Date(bound.untilMs).toISOString(),
            untilExchange: bound.untilExchange,
          },
        ],
  )
}

/** From the first capture to the last, and no more than the days (UTC) that saw any: one early exchange is no week. */
export function daysOf(pairs: readonly Pair[]): number {
  const [first, last] = [pairs[0], pairs.at(-1)]
  if (first === undefined || last === undefined) return 0
  const dates = new Set(pairs.map(({ row }) => Math.floor(row.capturedAtMs / dayMs)))
  return Math.min((last.row.capturedAtMs - first.row.capturedAtMs) / dayMs, dates.size)
}

const isoTime = (pair: Pair | undefined) => (pair ? new Date(pair.row.capturedAtMs).toISOString() : null)

/** Two models that were really asked differ somewhere, in a latency if in nothing else. Also true where no pair has both. */
function armsDiffer(pairs: readonly Pair[]): boolean {
  const controlled = pairs.filter(isControlled)
  return controlled.length === 0 || controlled.some(({ candidate, control }) => !areEqual(candidate, control))
}

const areEqual = (a: Measures, b: Measures) =>
  (Object.keys(a) as (keyof Measures)[]).every((measure) => a[measure] === b[measure])

/** What the judge costs, spread over all exchanges: most never come before it. */
function judgeUsdPerExchange(judging: Verdict['judging'], exchanges: number): number | null {
  if (!judging || exchanges === 0) return 0
  const spent = sumOf([judging.costUsd, judging.controlCostUsd])
  return spent === null ? null : spent / exchanges
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
