import { type GatesConfig } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type GateName, type Verdict } from '../../shared/contracts/verdict.ts'
import { type UnitCounts } from './caveats.ts'
import { type Coverage, untranslatedAllowed } from './coverage.ts'
import { decide } from './decision.ts'
import { type Evidence, evidenceFrom, evidenceOfOff, isReplayCheck } from './evidence.ts'
import { noBurnIn } from './gates/gate.ts'
import { gatesOf } from './gates/index.ts'
import { dealtWith, mostLeftOut, noWatches } from './incidents.ts'
import { sentenceOf } from './sentence.ts'
import { concludeSlices, draftSlices, exceptIn, type SlicesDraft } from './slices/slices.ts'
import { type CaseSums, type Terms } from './sums/case-sums.ts'
import { fine, noSums } from './sums/gate-sums.ts'
import { armsDiffer, daysOf, meansOf, servedModelsIn, tapRateOf } from './sums/pair-tally.ts'
import { type RowTally } from './sums/row-tally.ts'

/** Everything that a verdict is drawn from, wherever the pairs come from. */
export type Case = {
  candidate: Pick<Verdict, 'candidate' | 'armFingerprint' | 'provider' | 'model'>
  hasControl: boolean
  sums: CaseSums
  terms: Terms
  units: UnitCounts
  /** Gates without data of their own, each with the reason. */
  off: ReadonlyMap<GateName, string>
  /** False: nobody knows when the exchanges were, so the minimum of days does not apply. */
  isTimed: boolean
  comparisons: Verdict['comparisons']
  coverage: Coverage
  breakdown: Breakdown | null
  /** Comparisons of which a measure is none: in no gate, and no GO beside them. */
  broken: RowTally['broken']
  ledger: Verdict['ledger']
  scoring?: Verdict['scoring'] | undefined
  gates: GatesConfig
  asOf: Date
  campaign: Verdict['campaign']
  caveats: string[]
  judging?: Verdict['judging']
}

/** The verdict on one candidate: the same sums give the same verdict. */
export function judge(input: Case): Verdict {
  return conclude(input, weigh(input))
}

/** What the sums say, before the search for slices is confirmed. */
export type Draft = {
  evidence: Evidence[]
  incidents: ReturnType<typeof dealtWith>
  /** Null where no slices are declared. */
  slices: SlicesDraft | null
}

export function weigh({
  sums,
  terms,
  gates: config,
  hasControl,
  off,
}: Pick<Case, 'sums' | 'terms' | 'gates' | 'hasControl' | 'off'>): Draft {
  const { tally } = sums
  const incidents = dealtWith(tally.watches ?? noWatches(), tally.pairs)
  const { isForgiven: forgives } = incidents
  const evidence = gatesOf(config, hasControl).map((gate) => {
    const reason = off.get(gate.name)
    if (reason !== undefined) return evidenceOfOff(gate, reason)
    const from = isReplayCheck(gate) && !incidents.isReplaySpared ? sums.replayThroughout : sums.gates
    return evidenceFrom(gate, from.get(gate.name) ?? noSums(gate, fine), config.alpha, {
      costs: tally.costs,
      isAbsolute: tally.isAbsolute,
      burnIn: gate.burnIn === undefined ? null : (tally.burnIns.get(gate.name) ?? noBurnIn()),
      forgives,
    })
  })
  const measured = new Set(evidence.filter((each) => each.units > 0).map(({ gate }) => gate))
  const slices = terms.slices && draftSlices(terms.slices, { sums, terms, config, measured, forgives })
  return { evidence, incidents, slices }
}

/** `input` with all that confirms what the search for slices has picked. */
export function conclude(input: Case, { evidence, incidents, slices: draft }: Draft): Verdict {
  const { sums, terms, units, gates: config, ledger, coverage, comparisons, isTimed } = input
  const { tally } = sums
  const slices = terms.slices && draft && concludeSlices(terms.slices, draft, sums, config.alpha)
  const days = isTimed ? daysOf(tally) : 0
  const means = meansOf(tally)
  const { costUsd, controlCostUsd } = means
  const decision = decide(evidence, {
    alpha: config.alpha,
    isFinal: units.isFull,
    compared: tally.pairs,
    conversations: units.closed + units.open,
    daysPerExchange: days > 0 ? days / tally.pairs : null,
    usdPerExchange: sumOf([costUsd, controlCostUsd, judgeUsdPerExchange(input.judging, tally.pairs)]),
    ledgerBalanced: ledger.balanced,
    enoughDays: !isTimed || days >= config.minDays,
    enoughCovered: coverage.untranslated <= untranslatedAllowed,
    allUsable: input.broken.count === 0,
    enoughCalm: incidents.shareLeftOut <= mostLeftOut,
    armsDiffer: armsDiffer(tally),
  })
  const except = decision.verdict === 'go' ? exceptIn(slices) : []
  return {
    version: 1,
    ...input.candidate,
    servedModels: servedModelsIn(tally),
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
    from: isTimed ? isoTime(tally.firstMs) : null,
    to: isTimed ? isoTime(tally.lastMs) : null,
    alpha: config.alpha,
    campaign: input.campaign && { ...input.campaign, bounds: boundsIn(evidence) },
    days,
    tapRate: isTimed ? tapRateOf(tally) : null,
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

const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

/** What the judge costs, spread over all exchanges: most never come before it. */
function judgeUsdPerExchange(judging: Verdict['judging'], exchanges: number): number | null {
  if (!judging || exchanges === 0) return 0
  const spent = sumOf([judging.costUsd, judging.controlCostUsd])
  return spent === null ? null : spent / exchanges
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
