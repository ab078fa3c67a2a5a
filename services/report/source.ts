import { Difference } from '../../shared/contracts/comparison.ts'
import { type GateName, type LedgerLine, type Scoring, type Verdict } from '../../shared/contracts/verdict.ts'
import { isWithheld } from '../../shared/encryption/sealed-store.ts'
import { type Store } from '../../shared/store/store.ts'
import { type BreakdownSums } from './breakdown.ts'
import { readBreakdownSums } from './breakdown-source.ts'
import { type CampaignRow } from './campaigns/attempts.ts'
import { readBounds, readCampaigns } from './campaigns/store.ts'
import { type Bound } from './gates/gate.ts'
import { type Ask, type DaysMemory, type DaysStore, openDays, type Subject } from './days/days.ts'
import { readFacts, type StoredFacts } from './facts/store-facts.ts'
import { byText } from './by-text.ts'
import { inSpan } from './in-span.ts'
import { type JudgeOfReport } from './judging.ts'
import { type PairRow } from './pairs.ts'
import { readScoring, type ScoringTerms } from './scoring.ts'
import { readReview, type ReviewTerms } from './review/read-review.ts'
import { type HumanReview } from '../../shared/contracts/review.ts'
import { type WorstComparison } from './summary.ts'
import { isNeeded, type Settled } from './sums/settled.ts'
import { type Terms } from './sums/case-sums.ts'
import { loadConfirming, loadSettled, readClosed, type SumsRead } from './sums/sums-store.ts'

export type Period = {
  since?: Date | undefined
  until: Date
  /** Nothing from what was put together before. */
  isFromRows?: boolean
}

/** The candidate's comparisons with these settings, beside the control's with those. */
export type Compared = { arm: string; fingerprint: string; controlFingerprint: string | null; period: Period }

/** What the report asks of the store. */
export type ReportSource = {
  /** Every comparison of the arm captured in the period, whatever its settings, in the order of capture. */
  pairs(arm: string, period: Period): Promise<PairRow[]>
  /** The campaign's sums up to the latest hour that they can be trusted for; null: there are none. */
  settled(campaignId: string, arm: string, asOf: Date, terms: Terms): Promise<Settled | null>
  /** Adds to the sums what confirms these cells; false: it is there no more. */
  confirm(settled: Settled, cells: readonly string[]): Promise<boolean>
  /**
   * What these sums need to go on, up to and including a moment, in the order of capture. Where there is no `judge` now, only
   * what undoes the decisions of earlier ones is told of them.
   */
  pairsSince(arm: string, settled: Settled, until: Date, judge: JudgeOfReport | null): Promise<PairRow[]>
  /** Those of the conversations that were closed by then in the campaign's sums. */
  closed(campaignId: string, conversations: ReadonlySet<string>, untilMs: number): Promise<ReadonlySet<string>>
  /**
   * The worst of each kind before the second worst of any, the kind that costs the most quality first. A kind is a route
   * and a deciding rung, or a cause of failure. Only comparisons of these settings.
   */
  worst(arm: string, fingerprint: string, period: Period, limit: number): Promise<WorstComparison[]>
  /** What comparing found, over the comparisons of these settings that have a control of these settings. */
  breakdown(compared: Compared): Promise<BreakdownSums>
  /** By what the arm's comparisons of these settings were made, and the scores that stand beside them. */
  scoring(compared: Compared, terms: ScoringTerms): Promise<Scoring>
  /** What people have said of the arm's answers with these settings; null: nothing. */
  review(arm: string, fingerprint: string, period: Period, terms: ReviewTerms): Promise<HumanReview | null>
  /** Every campaign of the candidate, in any order. */
  campaigns(candidate: string): Promise<CampaignRow[]>
  /** What the campaign's first exchanges have fixed. */
  bounds(campaignId: string): Promise<Map<GateName, Bound>>
  /** Sums and quantiles of what a report shows besides the verdict. */
  facts(compared: Compared): Promise<StoredFacts>
  /** What happened to every exchange, over the whole recorded time. */
  ledger(): Promise<Verdict['ledger']>
  /** Resolves when the store answers. */
  ready(): Promise<void>
}

const readyTimeoutMs = 2_000

export function createReportSource(store: DaysStore & Pick<Store, 'ping'>): ReportSource {
  const memory: DaysMemory = new Map()
  const open = new WeakMap<Compared, Promise<Ask>>()
  /** All that is asked of one object is asked of the same days. */
  const asking = (compared: Compared): Promise<Ask> => {
    const known = open.get(compared) ?? openDays(store, subjectOf(compared), { ...compared.period, memory })
    open.set(compared, known)
    return known
  }
  const sumsRead: SumsRead = new Map()
  return {
    pairs: (arm, period) => store.query<PairRow>(pairsSql(inSpan), { arm, ...bounds(period) }),
    settled: (campaignId, arm, asOf, terms) => loadSettled(store, campaignId, arm, asOf, terms, sumsRead),
    confirm: (settled, cells) => loadConfirming(store, settled, cells),
    async pairsSince(arm, settled, until, judge) {
      const { hoursUntilMs, open } = settled
      const sinceMs = Number.isFinite(hoursUntilMs) ? hoursUntilMs : 0
      const times = [...new Set(open.values())].filter((atMs) => atMs < sinceMs).map(timeText)
      const which = times.length === 0 ? inSpan : `(${inSpan} OR ${atTimes})`
      const sql = storedSql(which, judge === null ? pairColumns : allColumns)
      const rows = onePerId(await store.query<StoredPair>(sql, { arm, sinceMs, untilMs: until.getTime(), times }))
      // Others may have been captured in the same millisecond.
      return times.length === 0 ? rows : rows.filter((row) => isNeeded(row, settled))
    },
    closed: (campaignId, conversations, untilMs) => readClosed(store, campaignId, conversations, untilMs),
    async worst(arm, fingerprint, period, limit) {
      const rows = await store.query<WorstRow>(worstSql, { arm, fingerprint, limit, ...bounds(period) })
      return rows.map(({ capturedAtMs, differences, ...row }) => ({
        ...row,
        capturedAt: new Date(capturedAtMs).toISOString(),
        differences: isWithheld(differences)
          ? [untold(differences)]
          : Difference.array().parse(JSON.parse(differences)),
      }))
    },
    breakdown: async (compared) => readBreakdownSums(await asking(compared), compared.controlFingerprint !== null),
    scoring: async (compared, terms) => readScoring(await asking(compared), store, subjectOf(compared), terms),
    review: (arm, fingerprint, period, terms) => readReview(store, { arm, fingerprint, ...bounds(period) }, terms),
    campaigns: (candidate) => readCampaigns(store, candidate),
    bounds: (campaignId) => readBounds(store, campaignId),
    facts: async (compared) => readFacts(await asking(compared), store, subjectOf(compared)),
    async ledger() {
      const rows = await store.query<LedgerLine & { missing: number; pending: number }>(ledgerSql)
      const { missing, pending } = rows[0]!
      const lines = rows.flatMap(({ stage, arm, outcome, reason, count }) =>
        stage === '' ? [] : [{ stage, arm, outcome, reason, count }],
      )
      const onTheirWay = { stage: 'between stages', arm: null, outcome: 'on_their_way', reason: null, count: pending }
      return { balanced: missing === 0, missing, lines: pending === 0 ? lines : [...lines, onTheirWay] }
    },
    ready: () => store.ping(readyTimeoutMs),
  }
}

function subjectOf({ arm, fingerprint, controlFingerprint, period }: Compared): Subject {
  return { arm, fingerprint, control: controlFingerprint ?? '', ...bounds(period) }
}

/** There are some, and they cannot be read. */
function untold(why: string): Difference {
  return { rung: 'encryption', path: null, message: why, served: null, arm: null }
}

type WorstRow = Omit<WorstComparison, 'capturedAt' | 'differences'> & { capturedAtMs: number; differences: string }

const bounds = ({ since, until }: Period) => ({ sinceMs: since?.getTime() ?? 0, untilMs: until.getTime() })

// 64-bit integers come as text from some versions of the engine: everything counted leaves it as a float.
const capturedAtMs = 'toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs'

const atTimes = "captured_at IN {times:Array(DateTime64(3, 'UTC'))}"
/** As the engine reads a time inside of a list. */
const timeText = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

const pairColumns = `
  toString(exchange_id) AS exchangeId,
  arm_fingerprint AS armFingerprint,
  nullIf(control_fingerprint, '') AS controlFingerprint,
  ${capturedAtMs},
  route,
  conversation_id AS conversationId,
  sample_probability AS sampleProbability,
  task,
  nullIf(language, '') AS language,
  has_tools AS hasTools,
  toFloat64(prompt_tokens) AS promptTokens,
  nullIf(tier, '') AS tier,
  nullIf(served_model, '') AS servedModel,
  arm_model AS armModel,
  outcome,
  nullIf(reason, '') AS reason,
  decided_by AS decidedBy,
  losses,
  served_soundness AS servedSoundness,
  served_ttft_ms AS servedTtftMs,
  served_total_ms AS servedTotalMs,
  error,
  quality,
  divergence,
  soundness,
  ttft_ms AS ttftMs,
  total_ms AS totalMs,
  cost_usd AS costUsd,
  control_error AS controlError,
  control_quality AS controlQuality,
  control_divergence AS controlDivergence,
  control_soundness AS controlSoundness,
  control_ttft_ms AS controlTtftMs,
  control_total_ms AS controlTotalMs,
  control_cost_usd AS controlCostUsd,
  nullIf(judge_state, '') AS judgeState,
  ladder_quality AS ladderQuality,
  control_ladder_quality AS controlLadderQuality`

/** What is read of a judge only where there is one. */
const judgedColumns = `
  nullIf(judge_version, '') AS judgeVersion,
  nullIf(judge_reason, '') AS judgeReason,
  judge_served_first AS judgeServedFirst,
  judge_arm_first AS judgeArmFirst,
  judge_cut AS judgeCut,
  judge_length_ratio AS judgeLengthRatio,
  judge_cost_usd AS judgeCostUsd,
  nullIf(control_judge_version, '') AS controlJudgeVersion,
  control_judge_served_first AS controlJudgeServedFirst,
  control_judge_arm_first AS controlJudgeArmFirst,
  control_judge_cost_usd AS controlJudgeCostUsd`

const allColumns = `${pairColumns},${judgedColumns}`

// What `comparisons_unique` does, written out: through a view the engine looks at all columns of the table before it takes
// these, which is half of the time of a question about a few rows.
const pairsSql = (which: string) => `
SELECT ${allColumns}
FROM comparisons
WHERE arm = {arm:String} AND ${which}
ORDER BY arm, captured_at, comparison_id, compared_at DESC
LIMIT 1 BY arm, captured_at, comparison_id`

const storedSql = (which: string, columns: string) => `
SELECT ${columns}, toString(comparison_id) AS comparisonId, toFloat64(toUnixTimestamp64Milli(compared_at)) AS comparedAtMs
FROM comparisons
WHERE arm = {arm:String} AND ${which}`

type StoredPair = PairRow & { comparisonId: string; comparedAtMs: number }

/** What `pairsSql` does. With a few rows it takes less than the engine takes to plan it. */
function onePerId(stored: readonly StoredPair[]): PairRow[] {
  const inOrder = stored
    .map(({ comparisonId, comparedAtMs, ...row }) => ({ row, id: engineOrder(comparisonId), comparedAtMs }))
    .toSorted(
      (a, b) => a.row.capturedAtMs - b.row.capturedAtMs || byText(a, b, 'id') || b.comparedAtMs - a.comparedAtMs,
    )
  return inOrder.flatMap(({ row, id }, at) => (id === inOrder[at - 1]?.id ? [] : [row]))
}

/** The engine looks at the second half of an id first: https://clickhouse.com/docs/sql-reference/data-types/uuid */
const engineOrder = (id: string): string => id.slice(19) + id.slice(0, 18)

const worstSql = `
WITH
  ifNull(control_quality, 1) - quality AS lost,
  if(outcome = 'failed', ('failed', toString(pair.reason)), (toString(route), toString(decided_by))) AS kind
SELECT
  toString(comparison_id) AS comparisonId,
  toString(exchange_id) AS exchangeId,
  ${capturedAtMs},
  route,
  task,
  outcome,
  nullIf(pair.reason, '') AS reason,
  decided_by AS decidedBy,
  quality,
  control_quality AS controlQuality,
  divergence,
  differences,
  served_excerpt AS servedExcerpt,
  arm_excerpt AS armExcerpt,
  losses
FROM comparisons AS pair FINAL
WHERE arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND outcome IN ('different', 'failed') AND ${inSpan}
ORDER BY
  row_number() OVER (PARTITION BY kind ORDER BY lost DESC, divergence DESC, captured_at, exchange_id),
  sum(lost) OVER (PARTITION BY kind) DESC,
  lost DESC,
  divergence DESC,
  captured_at,
  exchange_id
LIMIT {limit:UInt32}`

// One question for lines and balance: to plan it takes longer than to answer it.
const ledgerSql = `
SELECT
  line.1.1 AS stage,
  nullIf(line.1.2, '') AS arm,
  line.1.3 AS outcome,
  nullIf(line.1.4, '') AS reason,
  toFloat64(line.2) AS count,
  toFloat64(ledger_accounts.missing) AS missing,
  toFloat64(ledger_accounts.pending) AS pending
FROM ledger_accounts
LEFT ARRAY JOIN lines AS line
ORDER BY indexOf(['compare', 'replay', 'record', 'import', 'tap'], stage) DESC, arm, outcome, reason`
