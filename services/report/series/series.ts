import { setImmediate as turn } from 'node:timers/promises'
import { type Arm, armsOf, controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import {
  type CandidateDistributions,
  type CandidateSeries,
  type SeriesBucket,
} from '../../../shared/contracts/series.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { failureClassOf } from '../facts/arm.ts'
import { bins } from '../facts/distribution.ts'
import { readingFor } from '../load-verdicts.ts'
import { type Ask, type DaysMemory, type DaysStore, openDays } from '../days/days.ts'
import { type ReportSource } from '../source.ts'
import { loadKept } from '../sums/sums-store.ts'
import { evidenceOf, type Look, lookAt, looksFrom, underOf } from './evidence-points.ts'
import { sketchedQuantile } from '../../../shared/statistics/quantile-sketch.ts'
import { sketchOf } from './latency-sketch.ts'
import {
  bucketFailuresQuestion,
  type BucketRow,
  bucketsQuestion,
  type FailureCounts,
  type FailureRow,
  histogramsQuestion,
  latenciesQuestion,
  type LatencyName,
  percents,
  spanQuestion,
} from './series-sql.ts'

const hourSeconds = 3_600
/** So many can be drawn beside each other. */
const mostBuckets = 500
/** Parts of a day, so that days do not share one. */
const bucketHours = [1, 2, 3, 4, 6, 8, 12, 24]
/** With so many hours kept, what happened in between is nothing to read rows for. */
const enoughKept = 12
/** So many rows can be gone through again while somebody waits. */
const mostReplayed = 20_000
const replaySteps = 40

export type SeriesContext = { config: Config; store: DaysStore; source: ReportSource }

/** What the gates of a campaign were at hours that are over does not change: it is weighed once. */
export function createSeries({ config, store, source }: SeriesContext) {
  const known = new Map<string, Map<string, Look>>()
  const memory: DaysMemory = new Map()
  const asking = ({ name, fingerprint }: Arm, { asOf }: Verdict, since: Date | undefined): Promise<Ask> => {
    const control = armsOf(config).find((arm) => arm.name === controlArm)?.fingerprint ?? ''
    const span = { sinceMs: since?.getTime() ?? 0, untilMs: Date.parse(asOf) }
    return openDays(store, { arm: name, fingerprint, control, ...span }, { memory })
  }

  async function looksOf(candidate: Arm, verdict: Verdict): Promise<Look[]> {
    const reading = await readingFor(candidate, source, config)
    const campaignId = reading.campaign?.id ?? null
    const kept = campaignId === null ? [] : await keptLooks(campaignId, reading, verdict.alpha)
    if (kept.length >= enoughKept || verdict.comparisons.compared > mostReplayed) return kept
    const asOf = new Date(verdict.asOf)
    const rows = await source.pairs(candidate.name, { until: asOf })
    return await looksFrom(rows, reading, verdict.alpha, replaySteps, asOf)
  }

  async function keptLooks(
    campaignId: string,
    reading: Awaited<ReturnType<typeof readingFor>>,
    alpha: number,
  ): Promise<Look[]> {
    const before = known.get(campaignId) ?? new Map<string, Look>()
    const { heads, kept } = await loadKept(store, campaignId, (settledId) => before.has(settledId))
    const under = underOf(reading, alpha)
    const now = new Map<string, Look>()
    const weighed = new Map<string, Look>()
    for (const each of kept) {
      weighed.set(each.settledId, lookAt(each, under))
      // Others are answered in between.
      await turn()
    }
    for (const { settledId } of heads) {
      const look = before.get(settledId) ?? weighed.get(settledId)
      if (look !== undefined) now.set(settledId, look)
    }
    known.set(campaignId, now)
    return [...now.values()]
  }

  return {
    async series(candidate: Arm, verdict: Verdict, since: Date | undefined): Promise<CandidateSeries> {
      const ask = await asking(candidate, verdict, since)
      const [span] = await ask(spanQuestion)
      const hours = ((span!.lastMs ?? 0) - (span!.firstMs ?? 0)) / 1_000 / hourSeconds
      const bucketSeconds = hourSeconds * (bucketHours.find((each) => hours / each <= mostBuckets) ?? 24)
      const buckets = span!.rows === 0 ? [] : await ask(bucketsQuestion, { bucketSeconds })
      const failures = span!.rows === 0 ? [] : await ask(bucketFailuresQuestion, { bucketSeconds })
      return {
        version: 1,
        candidate: candidate.name,
        armFingerprint: candidate.fingerprint,
        from: buckets.length === 0 ? null : isoTime(buckets[0]!.atSeconds),
        asOf: verdict.asOf,
        bucketSeconds,
        buckets: buckets.map((row) => bucketOf(row, failures)),
        evidence: evidenceOf(verdict, await looksOf(candidate, verdict)),
      }
    },
    async distributions(candidate: Arm, verdict: Verdict, since: Date | undefined): Promise<CandidateDistributions> {
      const ask = await asking(candidate, verdict, since)
      return {
        version: 1,
        candidate: candidate.name,
        armFingerprint: candidate.fingerprint,
        asOf: verdict.asOf,
        ...(await distributionsOf(ask)),
      }
    },
  }
}

function bucketOf(row: BucketRow, failures: readonly FailureRow[]): SeriesBucket {
  const of = (name: 'Ttft' | 'Total', at: 0 | 1) => ({
    served: row[`served${name}`][at] ?? null,
    candidate: row[`candidate${name}`][at] ?? null,
    control: row[`control${name}`][at] ?? null,
  })
  const hasControl = row.controlled > 0
  return {
    at: isoTime(row.atSeconds),
    comparisons: row.compared,
    quality: row.meanQuality,
    controlQuality: row.meanControlQuality,
    divergence: row.meanDivergence,
    controlDivergence: row.meanControlDivergence,
    errors: {
      candidate: countsOf(failures, 'candidate', row.atSeconds),
      control: hasControl ? countsOf(failures, 'control', row.atSeconds) : null,
    },
    ttftP50Ms: of('Ttft', 0),
    ttftP95Ms: of('Ttft', 1),
    totalP50Ms: of('Total', 0),
    totalP95Ms: of('Total', 1),
    costUsd: { served: row.servedUsd, candidate: row.candidateUsd, control: hasControl ? row.controlUsd : null },
  }
}

function countsOf(rows: readonly FailureRow[], whose: FailureRow['whose'], atSeconds: number): FailureCounts {
  const counts: FailureCounts = {}
  for (const row of rows) {
    if (row.whose !== whose || row.atSeconds !== atSeconds) continue
    const name = failureClassOf(row.kind)
    counts[name] = (counts[name] ?? 0) + row.count
  }
  return counts
}

async function distributionsOf(ask: Ask): Promise<Pick<CandidateDistributions, 'quality' | 'divergence' | 'latency'>> {
  const row = (await ask(histogramsQuestion))[0]!
  const sketches = await ask(latenciesQuestion)
  const hasControl = row.controlled > 0
  const filled = (counts: number[]) => (counts.length === 0 ? Array<number>(bins).fill(0) : counts)
  const histogram = (name: 'quality' | 'divergence') => ({
    bins,
    candidate: filled(row[`${name}Candidate`]),
    control: hasControl ? filled(row[`${name}Control`]) : null,
  })
  const valuesOf = (name: LatencyName) => {
    const sketch = sketchOf(sketches, name)
    const finite = (ms: number | null) => (ms === Infinity ? null : ms)
    return {
      answers: [...sketch.bins.values()].reduce((sum, { count }) => sum + count, 0),
      valuesMs: percents.map((percent) => finite(sketchedQuantile(sketch, percent / 100))),
    }
  }
  const latency = (name: 'Ttft' | 'Total') => ({
    served: valuesOf(`served${name}`),
    candidate: valuesOf(`candidate${name}`),
    control: hasControl ? valuesOf(`control${name}`) : null,
  })
  return {
    quality: histogram('quality'),
    divergence: histogram('divergence'),
    latency: { percents, ttft: latency('Ttft'), total: latency('Total') },
  }
}

const isoTime = (seconds: number) => new Date(seconds * 1_000).toISOString()
