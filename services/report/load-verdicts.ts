import { armsOf, controlArm, type Arm } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Period, type ReportSource } from './source.ts'
import { verdictOf } from './verdict.ts'

export type VerdictQuery = {
  /** Name of one candidate; all of them where it is not given. */
  candidate?: string | undefined
  since?: Date | undefined
  /** `end`: the traffic has ended, so every conversation is closed. */
  asOf: Date | 'end'
  /** The traffic had ended by then: a report that is made again. */
  trafficEnded?: boolean
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

export function periodOf({ since, asOf }: Pick<VerdictQuery, 'since' | 'asOf'>): Period {
  return { since, until: asOf === 'end' ? new Date() : asOf }
}

async function verdictFor(
  candidate: Arm,
  source: ReportSource,
  config: Config,
  query: VerdictQuery,
  ledger: Verdict['ledger'],
): Promise<Verdict> {
  const period = periodOf(query)
  return verdictOf({
    candidate,
    control: armsOf(config).find((arm) => arm.name === controlArm) ?? null,
    rows: await source.pairs(candidate.name, period),
    // What happened to the exchanges of other candidates is in their own verdicts.
    ledger: { ...ledger, lines: ledger.lines.filter(({ arm }) => [null, controlArm, candidate.name].includes(arm)) },
    gates: config.gates,
    asOf: period.until,
    trafficEnded: query.asOf === 'end' || query.trafficEnded === true,
    isWindow: query.since !== undefined,
    hasJudge: config.compare.judge !== false,
    candidates: config.candidates.length,
  })
}
