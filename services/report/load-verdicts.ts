import { armsOf, controlArm, type Arm } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type Breakdown } from '../../shared/contracts/breakdown.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { breakdownOf } from './breakdown.ts'
import { judgeVersion } from '../../shared/judge/version.ts'
import { type JudgeOfReport } from './judging.ts'
import { type Campaign, campaignOf } from './campaigns/attempts.ts'
import { campaignInputs, hashOfInputs } from './campaigns/inputs.ts'
import { type Compared, type Period, type ReportSource } from './source.ts'
import { isIn, type Nominee } from './slices/found.ts'
import { type CellSums } from './sums/case-sums.ts'
import { advanceKnown, isConsistent, type Reading, type Settled, termsIn } from './sums/settled.ts'
import { verdictConfirmed, type VerdictInput, verdictOf } from './verdict.ts'
import { knownWaivers } from './waivers/known.ts'

export type VerdictQuery = {
  /** Name of one candidate; all of them where it is not given. */
  candidate?: string | undefined
  since?: Date | undefined
  /** `end`: the traffic has ended, so every conversation is closed. */
  asOf: Date | 'end'
  /** The traffic had ended by then: a report that is made again. */
  trafficEnded?: boolean
  /** Make all of it from rows, and nothing from what was added up before. */
  recompute?: boolean | undefined
}

/** One verdict per candidate of the config, in its order. CANDIDATE_UNKNOWN where the name is not in it. */
export async function loadVerdicts(source: ReportSource, config: Config, query: VerdictQuery): Promise<Verdict[]> {
  const candidates = candidatesOf(config, query.candidate)
  const ledger = await source.ledger()
  const verdicts: Verdict[] = []
  // One at a time: the rows of a candidate are the largest thing this process holds.
  for (const candidate of candidates) verdicts.push(await verdictFor(candidate, source, config, query, ledger))
  return verdicts
}

/** The candidate's arm as it is configured now, or all of them. */
export function candidatesOf(config: Config, name?: string): Arm[] {
  const candidates = armsOf(config).filter((arm) => arm.name !== controlArm)
  if (name === undefined) return candidates
  const found = candidates.filter((arm) => arm.name === name)
  if (found.length > 0) return found
  const known = candidates.map((arm) => arm.name).join(', ')
  throw new UnderstudyError('CANDIDATE_UNKNOWN', `there is no candidate "${name}" in the config: choose from ${known}`)
}

export function periodOf({ since, asOf, recompute }: Pick<VerdictQuery, 'since' | 'asOf' | 'recompute'>): Period {
  return { since, until: asOf === 'end' ? new Date() : asOf, isFromRows: recompute === true }
}

function judgeOf(config: Config): JudgeOfReport | null {
  const { judge } = config.compare
  return judge === false
    ? null
    : { version: judgeVersion(judge, config.providers), allowOwnFamily: judge.allowOwnFamily }
}

async function verdictFor(
  candidate: Arm,
  source: ReportSource,
  config: Config,
  query: VerdictQuery,
  ledger: Verdict['ledger'],
): Promise<Verdict> {
  const period = periodOf(query)
  const control = armsOf(config).find((arm) => arm.name === controlArm) ?? null
  const controlFingerprint = control?.fingerprint ?? null
  const subject = { arm: candidate.name, fingerprint: candidate.fingerprint, controlFingerprint, period }
  const input: VerdictInput = {
    ...(await readingFor(candidate, source, config)),
    candidate,
    breakdown: await breakdownFor(subject, source),
    // What happened to the exchanges of other candidates is in their own verdicts.
    ledger: { ...ledger, lines: ledger.lines.filter(({ arm }) => [null, controlArm, candidate.name].includes(arm)) },
    scoring: await source.scoring(subject, {
      waivers: knownWaivers(config),
      scorers: config.compare.scorers,
      at: period.until,
    }),
    asOf: period.until,
    trafficEnded: query.asOf === 'end' || query.trafficEnded === true,
    isWindow: query.since !== undefined,
    candidates: config.candidates.length,
  }
  const isWhole = query.since === undefined && query.recompute !== true
  const known = isWhole ? await verdictFromSums(candidate.name, source, input) : null
  const verdict = known ?? verdictOf({ ...input, rows: await source.pairs(candidate.name, period) })
  const terms = { shares: config.review, alpha: config.gates.alpha }
  return { ...verdict, review: await source.review(candidate.name, candidate.fingerprint, period, terms) }
}

/** From what was added up before and the rows since; null where all has to be made from rows. */
export async function verdictFromSums(arm: string, source: SumsSource, input: VerdictInput): Promise<Verdict | null> {
  const campaignId = input.campaign?.id ?? null
  const known = campaignId === null ? null : await source.settled(campaignId, arm, input.asOf, termsIn(input))
  if (campaignId === null || known === null) return null
  const rows = await source.pairsSince(arm, known, input.asOf, input.judge)
  const { untilMs } = known
  const settled = await advanceKnown(known, rows, input, input, (ids) => source.closed(campaignId, ids, untilMs))
  if (!isConsistent(settled, input)) return null
  let isConfirmed = true
  const verdict = await verdictConfirmed(input, settled, async (nominees) => {
    isConfirmed = await source.confirm(settled, keysOf(settled, nominees))
  })
  return isConfirmed ? verdict : null
}

type SumsSource = Pick<ReportSource, 'settled' | 'pairsSince' | 'closed' | 'confirm'>

/** Of the cells that are part of a nominee, each once. */
function keysOf({ sums }: Settled, nominees: readonly Nominee[]): string[] {
  const isPart = (cell: CellSums) => nominees.some((each) => each.facts.gate.name === cell.gate && isIn(cell, each))
  return [...sums.cells].flatMap(([key, cell]) => (isPart(cell) ? [key] : []))
}

/** Under what the candidate's comparisons are read. */
export async function readingFor(candidate: Arm, source: ReportSource, config: Config) {
  return {
    candidate,
    control: armsOf(config).find((arm) => arm.name === controlArm) ?? null,
    gates: config.gates,
    judge: judgeOf(config),
    campaign: await campaignFor(candidate, source, config),
    slices: config.slices,
  } satisfies Reading
}

/** Beside the control where there is a pair of both; else of the candidate alone, so that what is unsure is always told. */
async function breakdownFor(subject: Compared, source: ReportSource): Promise<Breakdown | null> {
  const beside = subject.controlFingerprint === null ? null : breakdownOf(await source.breakdown(subject))
  return beside ?? breakdownOf(await source.breakdown({ ...subject, controlFingerprint: null }))
}

async function campaignFor(candidate: Arm, source: ReportSource, config: Config): Promise<Campaign> {
  const inputs = campaignInputs(config, candidate)
  const rows = await source.campaigns(candidate.name)
  const campaign = campaignOf(rows, hashOfInputs(inputs), JSON.stringify(inputs))
  return { ...campaign, bounds: campaign.id === null ? new Map() : await source.bounds(campaign.id) }
}
