import { factsOf } from '../../services/report/facts/facts.ts'
import { type StoredFacts } from '../../services/report/facts/store-facts.ts'
import { reportOf } from '../../services/report/report.ts'
import { type CandidateFacts, type Report } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { candidateArm, controlArm, gates, traffic, verdictOn } from './pair-rows.ts'
import { aWorstComparison } from './worst-comparison.ts'

const bins = (...counts: number[]) => [...Array<number>(20 - counts.length).fill(0), ...counts]
const quantiles = (scale: number) =>
  [0.5, 0.95, 0.99].flatMap((tau, index) =>
    (['ms', 'lowerMs', 'upperMs'] as const).map((end, at) => ({
      level: { tau, end, rank: 1, count: 2_000 },
      ms: scale * (index + 1) * [1, 0.9, 1.1][at]!,
    })),
  )

/** As the store may give it for 2,000 exchanges in four days. */
export function storedFacts(overrides: Partial<StoredFacts> = {}): StoredFacts {
  return {
    totals: {
      candidateAsked: 2_000,
      candidateWeight: 20_000,
      candidateFailed: 8,
      candidateFailedWeight: 80,
      candidatePricedWeight: 19_920,
      candidateUsd: 39.84,
      controlAsked: 2_000,
      controlWeight: 20_000,
      controlFailed: 4,
      controlFailedWeight: 40,
      controlPricedWeight: 19_960,
      controlUsd: 79.84,
      pairs: 1_988,
      pairsWeight: 19_880,
      pairsCandidateUsd: 39.76,
      pairsControlUsd: 79.52,
      candidateTtftCount: 2_000,
      candidateTotalCount: 2_000,
      controlTtftCount: 2_000,
      controlTotalCount: 2_000,
      candidateQuality: bins(8, 40, 1_952),
      controlQuality: bins(4, 36, 1_960),
      candidateDivergence: [1_500, 300, 200, ...Array<number>(17).fill(0)],
      controlDivergence: [1_600, 300, 100, ...Array<number>(17).fill(0)],
    },
    traffic: { weight: 20_000, spanDays: 4, dates: 5 },
    failures: [
      { whose: 'candidate', kind: 'timeout', count: 6, weight: 60 },
      { whose: 'candidate', kind: 'rate_limited', count: 2, weight: 20 },
      { whose: 'control', kind: 'server_error', count: 4, weight: 40 },
    ],
    tokens: [
      { whose: 'candidate', tokens: 20_000_000, usd: 40 },
      { whose: 'control', tokens: 20_000_000, usd: 80 },
    ],
    prompts: [
      prompt('support', '3f2a91bc0d11', 1_200, 0.01),
      prompt('invoice-extract', '77aa00bc0d12', 600, 0.2),
      prompt('rare', '', 12, 0),
    ],
    latencies: {
      candidateTtft: quantiles(400),
      candidateTotal: quantiles(900),
      controlTtft: quantiles(420),
      controlTotal: quantiles(1_000),
    },
    ...overrides,
  }
}

function prompt(route: string, promptId: string, exchanges: number, lost: number): StoredFacts['prompts'][number] {
  const weight = exchanges
  return {
    route,
    promptId,
    exchanges,
    clusters: exchanges,
    lost: lost * weight,
    weight,
    lostLost: lost * weight,
    lostWeight: lost * weight,
    weightWeight: weight,
    controlQuality: 0.99 * weight,
    worseWeight: lost * weight,
    rungs: lost > 0 ? [['facts'], [lost * weight]] : [[], []],
    worst: lost > 0 ? [-1, `00000000-0000-7000-8000-0000000000${promptId.slice(0, 2)}`] : [0, ''],
  }
}

export function aFacts(overrides: Partial<CandidateFacts> = {}, stored: Partial<StoredFacts> = {}): CandidateFacts {
  const facts = factsOf({
    candidate: { candidate: candidateArm.name, armFingerprint: candidateArm.fingerprint },
    stored: storedFacts(stored),
    worst: [aWorstComparison()],
    gates: gates(),
    campaign: null,
    migrationEffortUsd: 1_500,
  })
  return { ...facts, ...overrides }
}

/** A report on one candidate, a NO-GO where nothing else is given. */
export function aReport(
  verdict: Verdict = verdictOn(traffic(2_000, { quality: 0.88 })),
  facts: CandidateFacts[] = [aFacts()],
): Report {
  return reportOf({
    verdicts: [verdict],
    facts,
    inputs: {
      candidate: null,
      since: null,
      asOf: verdict.asOf,
      trafficEnded: true,
      migrationEffortUsd: 1_500,
      controlFingerprint: controlArm.fingerprint,
      priceBook: { source: 'builtin', sha256: 'ab'.repeat(32) },
      judge: null,
      gates: { ...gates(), maxUnits: null },
    },
  })
}
