import { armsOf, controlArm } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type CandidateFacts, type Report, type ReportInputs } from '../../shared/contracts/report.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { openPriceBook } from '../../shared/pricing/open.ts'
import { factsOf } from './facts/facts.ts'
import { loadVerdicts, periodOf, type VerdictQuery } from './load-verdicts.ts'
import { reportOf } from './report.ts'
import { type ReportSource } from './source.ts'

export type ReportQuery = VerdictQuery & { migrationEffortUsd?: number | undefined }

/** How many of the worst differences a report shows. */
const worstShown = 5

/** Verdicts, and what a report says besides them. CANDIDATE_UNKNOWN where the name is not in the config. */
export async function loadReport(source: ReportSource, config: Config, query: ReportQuery): Promise<Report> {
  // One moment for all that is read, and for the report that is made again from it.
  const { until } = periodOf(query)
  const fixed = { ...query, asOf: until, trafficEnded: query.asOf === 'end' || query.trafficEnded === true }
  const verdicts = await loadVerdicts(source, config, fixed)
  return await withFacts(source, config, fixed, verdicts)
}

/** A report around verdicts that were drawn before, for the same window. */
export async function withFacts(
  source: ReportSource,
  config: Config,
  query: ReportQuery & { asOf: Date },
  verdicts: readonly Verdict[],
): Promise<Report> {
  const inputs = inputsOf(config, query)
  const facts: CandidateFacts[] = []
  for (const verdict of verdicts)
    facts.push(await candidateFacts(source, config, inputs, verdict, query.recompute === true))
  return reportOf({ verdicts: [...verdicts], facts, inputs })
}

async function candidateFacts(
  source: ReportSource,
  config: Config,
  { since, controlFingerprint, migrationEffortUsd }: ReportInputs,
  { candidate, armFingerprint, asOf, campaign }: Verdict,
  isFromRows: boolean,
): Promise<CandidateFacts> {
  const period = { since: since === null ? undefined : new Date(since), until: new Date(asOf), isFromRows }
  return factsOf({
    candidate: { candidate, armFingerprint },
    stored: await source.facts({ arm: candidate, fingerprint: armFingerprint, controlFingerprint, period }),
    worst: await source.worst(candidate, armFingerprint, period, worstShown),
    campaign: campaign?.hash ?? null,
    gates: config.gates,
    migrationEffortUsd,
  })
}

function inputsOf(config: Config, query: ReportQuery & { asOf: Date }): ReportInputs {
  const { judge } = config.compare
  return {
    candidate: query.candidate ?? null,
    since: query.since?.toISOString() ?? null,
    asOf: query.asOf.toISOString(),
    trafficEnded: query.trafficEnded ?? false,
    migrationEffortUsd: query.migrationEffortUsd ?? null,
    controlFingerprint: armsOf(config).find(({ name }) => name === controlArm)?.fingerprint ?? null,
    // Where the file lies is nobody's business but this machine's: what is in it has its hash.
    priceBook: {
      source: config.prices === 'builtin' ? 'builtin' : 'file',
      sha256: openPriceBook(config.prices).version(),
    },
    judge: judge === false ? null : judgeOf(judge),
    gates: { ...config.gates, maxUnits: config.gates.maxUnits ?? null },
  }
}

function judgeOf({ provider, model, rubric }: Exclude<Config['compare']['judge'], false>): ReportInputs['judge'] {
  return { provider, model, rubricSha256: rubric === undefined ? null : sha256Hex(rubric) }
}
