import { z } from 'zod'
import { Breakdown } from './breakdown.ts'

export const GateName = z.enum([
  'quality',
  'divergence',
  'errors',
  'errorCeiling',
  'ttftP50',
  'ttftP95',
  'totalP95',
  'cost',
  'replayLow',
  'replayHigh',
])
export type GateName = z.infer<typeof GateName>

const bound = z.number().nullable()

/** How many more units a gate needs, under three assumptions; null: not expected to get there. */
export const MoreNeeded = z.object({
  atObservedRate: z.int().nonnegative().nullable(),
  ifTrulyEqual: z.int().nonnegative().nullable(),
  atLowerBound: z.int().nonnegative().nullable(),
})
export type MoreNeeded = z.infer<typeof MoreNeeded>

export const GateResult = z.object({
  gate: GateName,
  blocking: z.boolean(),
  /** The margin in words of the user's scale: `quality at least 97 % of the served model's`. */
  margin: z.string(),
  /** `off`: no part of this verdict, because the scores have no columns for it. */
  state: z.enum(['inside', 'outside', 'undecided', 'no_data', 'off']),
  /** What is independent: `hour` where failures or slowness come together. */
  unit: z.enum(['conversation', 'hour']),
  /** Units that entered: closed conversations, or hours that are over. */
  units: z.int().nonnegative(),
  exchanges: z.int().nonnegative(),
  /**
   * How many times the variance of the mean is that of as many independent exchanges; null where there is nothing to tell
   * it from. Above 1 turns of one unit are alike.
   */
  designEffect: bound.optional(),
  /** Mean of Y: above 0 is inside the margin. */
  mean: bound,
  /** Anytime-valid interval for E[Y], level 1 − 2·alpha. */
  lower: bound,
  upper: bound,
  logEGo: bound,
  logENoGo: bound,
  /** The same evidence on the natural scale, for people: what the candidate does, what the reference does. */
  natural: z.object({ candidate: bound, reference: bound, unit: z.string() }),
  more: MoreNeeded.nullable(),
  /** Anything a reader must know: `theta from 400 earlier latencies`, `12 pairs unpriced`. */
  notes: z.array(z.string()),
})
export type GateResult = z.infer<typeof GateResult>

export const VerdictReason = z.enum([
  'replay_not_faithful',
  'ledger_does_not_balance',
  'too_few_units',
  'too_few_days',
  'gate_outside_margin',
  'too_much_left_out',
  'incidents_too_long',
  'scores_unusable',
  'no_blocking_gate',
  'arms_identical',
  'all_gates_inside',
  'evidence_not_yet_decisive',
  'most_units_reached',
  'no_comparisons',
])
export type VerdictReason = z.infer<typeof VerdictReason>

/** Line of the ledger: how many exchanges (or exchange × arm) ended where, and why. */
export const LedgerLine = z.object({
  stage: z.string(),
  arm: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  count: z.int().nonnegative(),
})
export type LedgerLine = z.infer<typeof LedgerLine>

const Shown = z.object({ scored: z.int().nonnegative(), mean: bound })

/** By what the comparisons were made, what was waived in them, and scores that stand beside the ladder's. */
export const Scoring = z.object({
  /** Comparisons in force by the version of what made them, the most frequent first. */
  versions: z.array(z.object({ version: z.string(), comparisons: z.int().nonnegative() })),
  waived: z.object({
    /** Comparisons with a waived difference, and those of them that are equivalent thanks to it. */
    comparisons: z.int().nonnegative(),
    equivalent: z.int().nonnegative(),
    /** Every waiver that is configured or was applied. */
    waivers: z.array(
      z.object({
        id: z.string(),
        /** Null where it is in the config no more. */
        covers: z.string().nullable(),
        reason: z.string().nullable(),
        author: z.string().nullable(),
        expires: z.string().nullable(),
        isExpired: z.boolean(),
        comparisons: z.int().nonnegative(),
        controlComparisons: z.int().nonnegative(),
      }),
    ),
  }),
  /** Scorers of the config. */
  own: z.array(
    z.object({
      name: z.string(),
      as: z.enum(['quality', 'score']),
      candidate: Shown,
      control: Shown,
      /** Why the candidate's answers got none, the most frequent first. */
      notScored: z.array(z.object({ reason: z.string(), comparisons: z.int().nonnegative() })),
    }),
  ),
  /** Scores made elsewhere. */
  imported: z.array(z.object({ name: z.string(), by: z.string(), candidate: Shown, control: Shown, served: Shown })),
})
export type Scoring = z.infer<typeof Scoring>

/** How the judge did on the pairs that were its to decide. Shares are null where there is nothing to share. */
export const Judging = z.object({
  version: z.string(),
  /** Comparisons of the candidate that were the judge's to decide. */
  pairs: z.int().nonnegative(),
  /** Of those, the ones it decided. */
  decided: z.int().nonnegative(),
  /** Of those, the ones that it did not, by reason: `inconsistent`, `unpaired`, `unparsable`, `budget_reached`, … */
  undecidedByReason: z.record(z.string(), z.int().nonnegative()),
  /** Share of the pairs, of candidate and control, with the same score in both orders; and how many pairs that is of. */
  consistency: bound,
  judgedTwice: z.int().nonnegative(),
  /** Of the answers that were no tie, the share that chose the first place. */
  firstPlace: bound,
  /** The candidate's answer to the served one in characters, mean over the decided. */
  lengthRatio: bound,
  /** Pairs of which the judge was not shown everything. */
  cut: z.int().nonnegative(),
  /** Of the candidate's answers; of the control's, which all candidates share. Null: some have no price. */
  costUsd: bound,
  controlCostUsd: bound,
  /** False: it contradicts itself too often, and its decisions are in no gate. */
  counts: z.boolean(),
  /** Comparisons decided by a judge of another version: those decisions are in no gate. */
  otherVersions: z.int().nonnegative(),
})
export type Judging = z.infer<typeof Judging>

/** One gate on one kind of traffic, at twice its margin. */
export const SliceGate = z.object({
  gate: GateName,
  /** `outside`: proven, with Holm over all slices and gates. `inside`: by this slice's own evidence. `too_few`: under 30 units. */
  state: z.enum(['inside', 'outside', 'undecided', 'too_few']),
  units: z.int().nonnegative(),
  exchanges: z.int().nonnegative(),
  /** Mean of Y at twice the margin; null for too few units. */
  mean: bound,
  /** The same, drawn towards the mean of all slices as far as it is noise. */
  shrunken: bound,
  logEGo: bound,
  logENoGo: bound,
  /** Likely harmed: of such a list at most one in ten is there by chance (e-BH). */
  suspected: z.boolean(),
  natural: z.object({ candidate: bound, reference: bound, unit: z.string() }),
})
export type SliceGate = z.infer<typeof SliceGate>

export const SliceResult = z.object({
  /** `route`, `language`; of a found one perhaps two: `language and tools`. */
  dimension: z.string(),
  value: z.string(),
  state: z.enum(['inside', 'outside', 'undecided', 'too_few']),
  /** The worst first. */
  gates: z.array(SliceGate),
})
export type SliceResult = z.infer<typeof SliceResult>

export const SlicesOf = z.object({
  by: z.array(z.string()),
  declared: z.array(SliceResult),
  /** Picked as the worst in one half of the conversations; every number is of the other half. */
  found: z.array(SliceResult),
})
export type SlicesOf = z.infer<typeof SlicesOf>

/** What was fixed before the evidence. Every change of it is another attempt, with evidence of its own. */
export const CampaignOf = z.object({
  /** Of candidate, control, scoring, judge, margins, alpha, unit, slices and most units. */
  hash: z.string(),
  attempt: z.int().positive(),
  /** Null: it begins when `record` or `report` next starts with this config. */
  startedAt: z.iso.datetime({ precision: 3 }).nullable(),
  /** Only exchanges captured from then on count; null: all of them. */
  countsFrom: z.iso.datetime({ precision: 3 }).nullable(),
  /** Of a false GO over all attempts and competing candidates; `alpha` of the verdict is this attempt's part. */
  alphaInAll: z.number(),
  competing: z.int().positive(),
  maxUnits: z.int().positive().nullable(),
  /** Comparisons of this candidate that are older than the campaign and do not count. */
  leftOut: z.int().nonnegative(),
  attempts: z.array(
    z.object({
      attempt: z.int().positive(),
      hash: z.string(),
      startedAt: z.iso.datetime({ precision: 3 }).nullable(),
      /** Against the attempt before: `margins changed (quality 3 % → 5 %)`. */
      changes: z.array(z.string()),
    }),
  ),
  /** What its first exchanges fixed: a latency in ms, a cost in dollars. */
  bounds: z.array(
    z.object({
      gate: GateName,
      value: z.number(),
      until: z.iso.datetime({ precision: 3 }),
      untilExchange: z.string(),
    }),
  ),
})
export type CampaignOf = z.infer<typeof CampaignOf>

/** The verdict for one candidate, with all its evidence. What `summary --format json`, the API and the gate give. */
export const Verdict = z.object({
  version: z.literal(1),
  candidate: z.string(),
  armFingerprint: z.string(),
  provider: z.string(),
  model: z.string(),
  servedModels: z.array(z.string()),
  verdict: z.enum(['go', 'no_go', 'inconclusive']),
  reason: VerdictReason,
  /** One sentence for people. */
  sentence: z.string(),
  decidingGate: GateName.nullable(),
  /**
   * What the gate named here still needs, in units; null where the verdict is decided. `exchanges`, `days` at the rate
   * of the traffic so far and `costUsd` of asking candidate and control are those of `atObservedRate`.
   */
  moreNeeded: MoreNeeded.extend({
    gate: GateName,
    exchanges: z.int().nonnegative().nullable(),
    days: z.number().nonnegative().nullable(),
    costUsd: z.number().nonnegative().nullable(),
  }).nullable(),
  asOf: z.iso.datetime({ precision: 3 }),
  from: z.iso.datetime({ precision: 3 }).nullable(),
  to: z.iso.datetime({ precision: 3 }).nullable(),
  /** Of each gate in this verdict. */
  alpha: z.number(),
  /** Null for scores that were made elsewhere: nobody knows what was tried before. */
  campaign: CampaignOf.nullable(),
  days: z.number().nonnegative(),
  /**
   * How much of the traffic the tap took: the rarest and the most frequent kind, and the share of the exchanges that as
   * many of one rate would say as much as. Null where nothing was compared.
   */
  tapRate: z.object({ lowest: z.number(), highest: z.number(), effectiveShare: z.number() }).nullable().optional(),
  units: z.object({ closed: z.int().nonnegative(), open: z.int().nonnegative() }),
  comparisons: z.object({
    compared: z.int().nonnegative(),
    equivalent: z.int().nonnegative(),
    different: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    notComparable: z.int().nonnegative(),
    notComparableByReason: z.record(z.string(), z.int().nonnegative()),
    /** Of those compared, how many were asked with something less than was recorded. */
    withLosses: z.int().nonnegative().default(0),
    /** What that was (`seed:dropped`), the most frequent first; an exchange counts for each of its losses. */
    losses: z
      .array(z.object({ loss: z.string(), compared: z.int().nonnegative(), equivalent: z.int().nonnegative() }))
      .default([]),
  }),
  means: z.object({
    quality: bound,
    controlQuality: bound,
    divergence: bound,
    controlDivergence: bound,
    errorRate: bound,
    controlErrorRate: bound,
    ttftP50Ms: bound,
    controlTtftP50Ms: bound,
    totalP50Ms: bound,
    controlTotalP50Ms: bound,
    costUsd: bound,
    controlCostUsd: bound,
  }),
  /** Null where nothing was compared, and for scores made elsewhere. */
  breakdown: Breakdown.nullable(),
  gates: z.array(GateResult),
  /** Null: there is no judge. */
  judging: Judging.nullable().optional(),
  /** Null where none are declared. */
  slices: SlicesOf.nullable(),
  /** With `go`: kinds of traffic that are proven harmed and have to stay with the served model. */
  except: z.array(z.object({ dimension: z.string(), value: z.string(), gates: z.array(GateName) })),
  /** When more than a fifth of an arm's requests failed for five minutes and longer, in order. */
  incidents: z.array(
    z.object({
      arm: z.enum(['control', 'candidate']),
      from: z.iso.datetime({ precision: 3 }),
      to: z.iso.datetime({ precision: 3 }),
      minutes: z.number().nonnegative(),
      exchanges: z.int().nonnegative(),
      failures: z.int().nonnegative(),
      /** `left_out`: for both arms. `not_towards_no_go`: in everything that leads to GO. `counted`: too many to be incidents. */
      treatment: z.enum(['left_out', 'not_towards_no_go', 'counted']),
    }),
  ),
  ledger: z.object({ balanced: z.boolean(), lines: z.array(LedgerLine), missing: z.int().nonnegative() }),
  /** Null for scores made elsewhere alone. */
  scoring: Scoring.nullable(),
  /** What a sceptic should be told: unpriced pairs, no control, no judge, open conversations, short time span. */
  caveats: z.array(z.string()),
})
export type Verdict = z.infer<typeof Verdict>
