import { type GatesConfig } from '../../shared/config/schema.ts'
import { type GateName, type Verdict } from '../../shared/contracts/verdict.ts'
import { caveatsOnScores } from './caveats.ts'
import { judge } from './judge.ts'
import { type Measures, type Pair, type PairRow } from './pairs.ts'
import { addUnits, noCase, type SlicesInput, termsOf } from './sums/case-sums.ts'
import { addPairs, daysOf, noPairs } from './sums/pair-tally.ts'
import { addRows, countsIn, noRows } from './sums/row-tally.ts'

/**
 * One exchange, scored somewhere else. Quality is on one absolute scale for what was served, the control and the candidate.
 * Null: not known; a latency also where the arm failed.
 */
export type Score = {
  unit: string
  atMs: number | null
  servedQuality: number | null
  /** Kinds of traffic that it is part of: `{ "language": "de" }`. */
  slices: Readonly<Record<string, string>>
} & Record<`${Arm}${'Quality' | 'Divergence' | 'TtftMs' | 'TotalMs' | 'CostUsd'}`, number | null> &
  Record<`${Arm}Error`, boolean | null>

type Arm = 'control' | 'candidate'
export type Measure = Exclude<keyof Score, 'unit' | 'atMs' | 'slices'>

/** What each gate reads; a gate that lacks one of them is off. */
const needs: Record<GateName, readonly Measure[]> = {
  quality: ['candidateQuality'],
  divergence: ['controlDivergence', 'candidateDivergence'],
  errors: ['controlError', 'candidateError'],
  errorCeiling: ['candidateError'],
  ttftP50: ['controlTtftMs', 'candidateTtftMs'],
  ttftP95: ['controlTtftMs', 'candidateTtftMs'],
  totalP95: ['controlTotalMs', 'candidateTotalMs'],
  cost: ['controlCostUsd', 'candidateCostUsd'],
  replayLow: ['servedQuality', 'controlQuality'],
  replayHigh: ['servedQuality', 'controlQuality'],
}

export type ScoresInput = {
  name: string
  /** Of what was read: the same file has the same. */
  fingerprint: string
  scores: readonly Score[]
  /** The columns that are there, whatever they hold: an empty one is a gate without data, and not one that is off. */
  columns: ReadonlySet<Measure>
  gates: GatesConfig
  asOf: Date
  caveats: readonly string[]
}

/** The verdict on scores made anywhere: the same gates, evidence and order of decisions as on the pipeline's own. */
export function verdictOnScores(input: ScoresInput): Verdict {
  const { name, fingerprint, scores, columns: has, gates, asOf, caveats } = input
  const ordered = inOrder(scores)
  const pairs = ordered.map((score, index) => pairOf(score, index, has))
  const rows = pairs.map(({ row }) => row)
  const hasControl = [...has].some((measure) => measure.startsWith('control'))
  const isTimed = scores.some(({ atMs }) => atMs !== null)
  const off = offWithout(has)
  const terms = termsOf(gates, hasControl, slicesIn(pairs, ordered, fingerprint), off)
  const units = unitsUpTo(pairs, gates.maxUnits ?? Infinity)
  const tally = noPairs(isTimed && gates.excludeIncidents)
  addPairs(tally, pairs, terms.gates)
  const sums = noCase(tally)
  addUnits(sums, { counted: units.counted, inPastHours: units.counted }, terms)
  const verdict = judge({
    candidate: { candidate: 'candidate', armFingerprint: fingerprint, provider: name, model: 'scores' },
    hasControl,
    sums,
    terms,
    units: { closed: units.closed, open: 0, late: 0, isFull: units.isFull },
    off,
    isTimed,
    comparisons: countsIn(addRows(noRows(), rows)),
    broken: { count: 0, first: null },
    coverage: { compared: 1, untranslated: 0, untranslatedReasons: [] },
    breakdown: null,
    ledger: { balanced: true, missing: 0, lines: [ledgerLine(scores.length)] },
    gates,
    asOf,
    campaign: null,
    caveats: [...caveats, ...caveatsOnScores({ tally, days: isTimed ? daysOf(tally) : 0, hasControl, isTimed })],
  })
  return { ...verdict, means: known(verdict.means, has) }
}

/** The dimensions that the file names; all of them are searched, too. */
function slicesIn(pairs: readonly Pair[], scores: readonly Score[], salt: string): SlicesInput | null {
  const dimensions = [...new Set(scores.flatMap(({ slices }) => Object.keys(slices)))].toSorted()
  if (dimensions.length === 0) return null
  const slicesOf = new Map(pairs.map((pair, index) => [pair, scores[index]!.slices]))
  const sliceOf: SlicesInput['sliceOf'] = (pair, dimension) => slicesOf.get(pair)?.[dimension] ?? null
  return { by: dimensions, searched: dimensions, sliceOf, salt }
}

/**
 * Every line of a unit counts: whoever made the file has said what belongs together, and that it is complete. Of more units than
 * may count the first to end do.
 */
function unitsUpTo(pairs: readonly Pair[], maxUnits: number) {
  const byUnit = Map.groupBy(pairs.toReversed(), ({ row }) => row.conversationId)
  const first = [...byUnit.values()].toReversed().slice(0, maxUnits)
  return { counted: new Set(first.flat()), closed: first.length, isFull: first.length >= maxUnits }
}

/** By time where there is one; else as they stand. */
const inOrder = (scores: readonly Score[]) => scores.toSorted((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0))

function offWithout(has: ReadonlySet<Measure>): Map<GateName, string> {
  const gates = Object.entries(needs) as [GateName, readonly Measure[]][]
  const off = gates.flatMap(([gate, measures]): [GateName, string][] => {
    const missing = measures.filter((measure) => !has.has(measure))
    return missing.length === 0 ? [] : [[gate, `there is no ${missing.join(' and no ')}`]]
  })
  const reference = has.has('controlQuality') || has.has('servedQuality')
  if (has.has('candidateQuality') && !reference)
    off.push(['quality', 'there is neither controlQuality nor servedQuality'])
  return new Map(off)
}

function pairOf(score: Score, index: number, has: ReadonlySet<Measure>): Pair {
  const candidate = measuresOf(score, 'candidate', has)
  const wasAsked = [...has].some((measure) => measure.startsWith('control') && score[measure] !== null)
  const control = wasAsked ? measuresOf(score, 'control', has) : null
  return {
    row: rowOf(score, index, outcomeOf(score, candidate)),
    weight: 1,
    servedQuality: score.servedQuality,
    candidate,
    control,
  }
}

/** Intention to treat: whatever else a line says of an arm that failed, its answer is worth nothing. */
function measuresOf(score: Score, arm: Arm, has: ReadonlySet<Measure>): Measures {
  const error = score[`${arm}Error`] ?? false
  const unlessFailed = (value: number | null) => (error ? null : value)
  // Without a column of the control's, the served answer's own quality is the whole reference.
  const instead = arm === 'control' && !has.has('controlQuality') ? score.servedQuality : null
  const quality = unlessFailed(score[`${arm}Quality`] ?? instead) ?? 0
  return {
    error,
    quality,
    divergence: unlessFailed(score[`${arm}Divergence`]) ?? 1,
    soundness: quality,
    ttftMs: unlessFailed(score[`${arm}TtftMs`]),
    totalMs: unlessFailed(score[`${arm}TotalMs`]),
    costUsd: score[`${arm}CostUsd`],
  }
}

function outcomeOf({ servedQuality, controlQuality }: Score, { error, quality }: Measures): PairRow['outcome'] {
  if (error) return 'failed'
  return quality >= (controlQuality ?? servedQuality ?? 0) ? 'equivalent' : 'different'
}

function rowOf(score: Score, index: number, outcome: PairRow['outcome']): PairRow {
  return {
    exchangeId: String(index).padStart(12, '0'),
    armFingerprint: '',
    controlFingerprint: null,
    capturedAtMs: score.atMs ?? index,
    route: '',
    conversationId: score.unit,
    sampleProbability: 1,
    task: 'text',
    language: null,
    hasTools: null,
    promptTokens: null,
    tier: null,
    servedModel: null,
    armModel: '',
    outcome,
    reason: null,
    decidedBy: 'scores',
    losses: [],
    servedSoundness: score.servedQuality ?? 0,
    servedTtftMs: null,
    servedTotalMs: null,
    error: null,
    quality: null,
    divergence: null,
    soundness: null,
    ttftMs: null,
    totalMs: null,
    costUsd: null,
    controlError: null,
    controlQuality: null,
    controlDivergence: null,
    controlSoundness: null,
    controlTtftMs: null,
    controlTotalMs: null,
    controlCostUsd: null,
  }
}

const ledgerLine = (count: number) => ({ stage: 'scores', arm: null, outcome: 'read', reason: null, count })

/** A measure that was not given has no mean. */
function known(means: Verdict['means'], has: ReadonlySet<Measure>): Verdict['means'] {
  const of = (measure: Measure, mean: number | null) => (has.has(measure) ? mean : null)
  return {
    ...means,
    quality: of('candidateQuality', means.quality),
    controlQuality: of('controlQuality', means.controlQuality),
    divergence: of('candidateDivergence', means.divergence),
    controlDivergence: of('controlDivergence', means.controlDivergence),
    errorRate: of('candidateError', means.errorRate),
    controlErrorRate: of('controlError', means.controlErrorRate),
  }
}
