import { type Comparison, type Judgement, type Measured } from '../../shared/contracts/comparison.ts'
import { type Task } from '../../shared/contracts/exchange.ts'

/** One comparison of a candidate with its control's measures, as the store gives it: flat, without texts. */
export type PairRow = {
  exchangeId: string
  armFingerprint: string
  controlFingerprint: string | null
  capturedAtMs: number
  route: string
  conversationId: string
  /** Inclusion probability, in (0, 1]. */
  sampleProbability: number
  task: Task
  language: string | null
  hasTools: boolean | null
  promptTokens: number | null
  tier: string | null
  servedModel: string | null
  armModel: string
  outcome: Comparison['outcome']
  reason: string | null
  decidedBy: string
  /** What the translation could not carry over: `seed:dropped`. */
  losses: string[]
  servedSoundness: number
  servedTtftMs: number | null
  servedTotalMs: number | null
  /** Null where the exchange was not comparable. */
  error: boolean | null
  quality: number | null
  divergence: number | null
  soundness: number | null
  ttftMs: number | null
  totalMs: number | null
  costUsd: number | null
  /** Null where the control was not asked, or its answer is not comparable. */
  controlError: boolean | null
  controlQuality: number | null
  controlDivergence: number | null
  controlSoundness: number | null
  controlTtftMs: number | null
  controlTotalMs: number | null
  controlCostUsd: number | null
} & Partial<JudgedRow>

/** What a judge said of the pair; all absent or null where none was to be asked. The scores are the arm's. */
export type JudgedRow = {
  judgeVersion: string | null
  judgeState: Judgement['state'] | null
  judgeReason: string | null
  judgeServedFirst: number | null
  judgeArmFirst: number | null
  judgeCut: boolean
  judgeLengthRatio: number | null
  judgeCostUsd: number | null
  /** Quality as it is without the judge. */
  ladderQuality: number | null
  controlJudgeVersion: string | null
  controlJudgeServedFirst: number | null
  controlJudgeArmFirst: number | null
  controlJudgeCostUsd: number | null
  controlLadderQuality: number | null
}

/** What a gate reads of one arm. */
export type Measures = Omit<Measured, 'outputTokens'>

/** A comparable exchange: what was served, what the candidate did, and what the control did where it was asked. */
export type Pair = {
  row: PairRow
  /** Inverse inclusion probability. */
  weight: number
  /** On the same absolute scale as the arms'; null where quality is agreement with the served answer. */
  servedQuality: number | null
  candidate: Measures
  control: Measures | null
}

/** A pair that has a control. */
export type ControlledPair = Pair & { control: Measures }

export function isControlled(pair: Pair): pair is ControlledPair {
  return pair.control !== null
}

/**
 * The pairs that may enter a gate, in the order of their capture whatever the order of the rows. Rows that are not
 * comparable are left out; failures stay in (intention to treat). A control of other settings is no control.
 */
export function comparablePairs(rows: readonly PairRow[], controlFingerprint: string | null): Pair[] {
  return rows
    .filter((row) => row.outcome !== 'not_comparable' && row.error !== null)
    .toSorted((a, b) => a.capturedAtMs - b.capturedAtMs || (a.exchangeId < b.exchangeId ? -1 : 1))
    .map((row) => ({
      row,
      weight: 1 / row.sampleProbability,
      servedQuality: null,
      candidate: candidateOf(row),
      control: row.controlFingerprint === controlFingerprint ? controlOf(row) : null,
    }))
}

/** Every measure is one that can be: a share from 0 to 1, a time or a cost from 0. What is not a number comes as null or NaN. */
export function isUsable(row: PairRow): boolean {
  const shares = [row.quality, row.divergence, row.soundness, row.servedSoundness, row.sampleProbability]
  const amounts = [row.ttftMs, row.totalMs, row.costUsd, row.servedTtftMs, row.servedTotalMs]
  if (row.controlError !== null) {
    shares.push(row.controlQuality, row.controlDivergence, row.controlSoundness)
    amounts.push(row.controlTtftMs, row.controlTotalMs, row.controlCostUsd)
  }
  return (
    shares.every((share) => share !== null && share >= 0 && share <= 1) &&
    amounts.every((amount) => amount === null || (amount >= 0 && amount < Infinity)) &&
    row.sampleProbability > 0 &&
    Number.isFinite(row.capturedAtMs)
  )
}

/** Mean over the exchanges of all traffic, not of the sample: each counts by its inverse inclusion probability. */
export function weightedMean<P extends Pair>(pairs: readonly P[], value: (pair: P) => number | null): number | null {
  let sum = 0
  let weights = 0
  for (const pair of pairs) {
    const measured = value(pair)
    if (measured === null) continue
    sum += measured * pair.weight
    weights += pair.weight
  }
  return weights === 0 ? null : sum / weights
}

function candidateOf(row: PairRow): Measures {
  return {
    error: row.error ?? true,
    quality: row.quality ?? 0,
    divergence: row.divergence ?? 1,
    soundness: row.soundness ?? 0,
    ttftMs: row.ttftMs,
    totalMs: row.totalMs,
    costUsd: row.costUsd,
  }
}

function controlOf(row: PairRow): Measures | null {
  if (row.controlError === null) return null
  return {
    error: row.controlError,
    quality: row.controlQuality ?? 0,
    divergence: row.controlDivergence ?? 1,
    soundness: row.controlSoundness ?? 0,
    ttftMs: row.controlTtftMs,
    totalMs: row.controlTotalMs,
    costUsd: row.controlCostUsd,
  }
}
