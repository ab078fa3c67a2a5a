import { type Store } from '../../../shared/store/store.ts'
import { byText } from '../by-text.ts'
import { added } from '../days/added.ts'
import { type Ask, type DayQuestion, type Subject } from '../days/days.ts'
import {
  compared,
  failuresSql,
  latencySql,
  promptsSql,
  rungsSql,
  tokensSql,
  totalsSql,
  trafficSql,
} from './facts-sql.ts'
import { quantileLevels, type QuantileLevel } from './latency.ts'

type Arm = 'candidate' | 'control'
type PerArm<Name extends string> = Record<`${Arm}${Name}`, number>

/** Counts and sums over the comparable exchanges. Weights are inverse inclusion probabilities. */
export type Totals = PerArm<'Asked' | 'Weight' | 'Failed' | 'FailedWeight' | 'PricedWeight' | 'Usd'> &
  PerArm<'TtftCount' | 'TotalCount'> &
  Record<'pairs' | 'pairsWeight' | 'pairsCandidateUsd' | 'pairsControlUsd', number> &
  Record<`${Arm}Quality` | `${Arm}Divergence`, number[]>

export type Traffic = { weight: number; spanDays: number; dates: number }

export type FailureCount = { whose: Arm; kind: string; count: number; weight: number }

/** Tokens of the calls with a price and a count, and what these cost. */
export type Tokens = { whose: Arm; tokens: number; usd: number }

/** Sums over the conversations of a prompt, each counted once a day of UTC: `lost` is the weighted sum of one, `weight` that of its weights. */
export type PromptSums = {
  route: string
  promptId: string
  exchanges: number
  clusters: number
  lost: number
  weight: number
  lostLost: number
  lostWeight: number
  weightWeight: number
  controlQuality: number
  worseWeight: number
  rungs: [string[], number[]]
  /** How much was lost and where, of the worst. */
  worst: [number, string]
}

export type LatencyName = 'candidateTtft' | 'candidateTotal' | 'controlTtft' | 'controlTotal'

export type StoredFacts = {
  totals: Totals
  traffic: Traffic
  failures: FailureCount[]
  tokens: Tokens[]
  prompts: PromptSums[]
  /** Values at the ranks that the quantiles and their intervals need; null: a failure, which is infinitely slow. */
  latencies: Record<LatencyName, { level: QuantileLevel; ms: number | null }[]>
}

/** Sums and order statistics from the engine: as much is read into this process for ten rows as for ten million. */
export async function readFacts(ask: Ask, store: Pick<Store, 'query'>, subject: Subject): Promise<StoredFacts> {
  // One after the other: the engine of an embedded store does one thing at a time anyway.
  const totals = (await ask(totalsQuestion))[0]!
  const { weight, firstMs, lastMs, dates } = (await ask(trafficQuestion))[0]!
  return {
    totals,
    traffic: { weight, dates, spanDays: firstMs === null || lastMs === null ? 0 : (lastMs - firstMs) / 86_400_000 },
    failures: await ask(failuresQuestion),
    tokens: await ask(tokensQuestion),
    prompts: await readPrompts(ask),
    latencies: await readLatencies(store, subject, totals),
  }
}

const totalsQuestion: DayQuestion<Totals> = {
  name: 'totals',
  sql: totalsSql,
  merge: (rows) => added(rows, { keys: [] }),
}

const trafficQuestion: DayQuestion<{ weight: number; firstMs: number | null; lastMs: number | null; dates: number }> = {
  name: 'traffic',
  sql: trafficSql,
  merge: (rows) => added(rows, { keys: [], least: ['firstMs'], most: ['lastMs'] }),
}

const failuresQuestion: DayQuestion<FailureCount> = {
  name: 'failures',
  sql: failuresSql,
  merge: (rows) => added(rows, { keys: ['whose', 'kind'] }),
}

const tokensQuestion: DayQuestion<Tokens> = {
  name: 'tokens',
  sql: tokensSql,
  merge: (rows) => added(rows, { keys: ['whose'] }),
}

const promptsQuestion: DayQuestion<Omit<PromptSums, 'rungs'>> = {
  name: 'prompts',
  sql: promptsSql,
  merge: (rows) =>
    added(rows, { keys: ['route', 'promptId'], least: ['worst'] }).toSorted((a, b) =>
      byText(a, b, 'route', 'promptId'),
    ),
}

const rungsQuestion: DayQuestion<{ route: string; promptId: string; rung: string; weight: number }> = {
  name: 'rungs',
  sql: rungsSql,
  merge: (rows) => added(rows, { keys: ['route', 'promptId', 'rung'] }).toSorted((a, b) => byText(a, b, 'rung')),
}

async function readPrompts(ask: Ask): Promise<PromptSums[]> {
  const sums = await ask(promptsQuestion)
  const rungs = await ask(rungsQuestion)
  const byPrompt = Map.groupBy(rungs, ({ route, promptId }) => JSON.stringify([route, promptId]))
  return sums.map((each) => {
    const own = byPrompt.get(JSON.stringify([each.route, each.promptId])) ?? []
    return { ...each, rungs: [own.map(({ rung }) => rung), own.map(({ weight }) => weight)] }
  })
}

/** Exact ranks cannot be put together from parts. */
async function readLatencies(
  store: Pick<Store, 'query'>,
  subject: Subject,
  totals: Totals,
): Promise<StoredFacts['latencies']> {
  const levels: Record<LatencyName, QuantileLevel[]> = {
    candidateTtft: quantileLevels(totals.candidateTtftCount),
    candidateTotal: quantileLevels(totals.candidateTotalCount),
    controlTtft: quantileLevels(totals.controlTtftCount),
    controlTotal: quantileLevels(totals.controlTotalCount),
  }
  const names = (Object.keys(levels) as LatencyName[]).filter((name) => levels[name].length > 0)
  const columns = names.map((name) => {
    const { value, within } = latencySql[name]
    // Between two ranks, so that rounding cannot reach the next: quantileExact(l) takes the value of index ⌊l · n⌋.
    const ranks = levels[name].map(({ rank, count }) => (rank - 0.5) / count).join(', ')
    return `quantilesExactIf(${ranks})(assumeNotNull(${value}), ${within} AND ${value} IS NOT NULL) AS ${name}`
  })
  const [found] =
    columns.length === 0
      ? []
      : await store.query<Record<LatencyName, (number | null)[]>>(
          `SELECT ${columns.join(', ')} FROM ${compared}`,
          subject,
        )
  const valuesOf = (name: LatencyName) =>
    levels[name].map((level, index) => ({ level, ms: found?.[name]?.[index] ?? null }))
  return {
    candidateTtft: valuesOf('candidateTtft'),
    candidateTotal: valuesOf('candidateTotal'),
    controlTtft: valuesOf('controlTtft'),
    controlTotal: valuesOf('controlTotal'),
  }
}
