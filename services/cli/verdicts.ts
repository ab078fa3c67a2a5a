import { type Config } from '../../shared/config/schema.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../shared/errors.ts'

const durations: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `7d`, `12h`, `30m`, `2w`, or a date or time in ISO form. */
export function parseSince(since: string | undefined, now = new Date()): Date | undefined {
  if (since === undefined) return undefined
  const span = /^(\d+)([mhdw])$/.exec(since)
  if (span) return new Date(now.getTime() - Number(span[1]) * durations[span[2]!]!)
  const at = new Date(since)
  if (Number.isNaN(at.getTime())) {
    throw new UnderstudyError(
      'USAGE',
      `--since "${since}" is neither a span such as 7d or 12h nor a date such as 2026-11-01`,
    )
  }
  return at
}

/** `end`: the traffic has ended, so conversations that are still open count too. */
export function parseAsOf(asOf: string | undefined): Date | 'end' {
  if (asOf === undefined) return new Date()
  if (asOf === 'end') return 'end'
  const at = new Date(asOf)
  if (Number.isNaN(at.getTime())) {
    throw new UnderstudyError('USAGE', `--as-of "${asOf}" is neither "end" nor a time such as 2026-11-01T12:00:00Z`)
  }
  return at
}

export function assertCandidate(config: Config, name: string): void {
  const known = config.candidates.map((candidate) => candidate.name)
  if (known.includes(name)) return
  throw new UnderstudyError(
    'CANDIDATE_UNKNOWN',
    `there is no candidate "${name}" in the config: choose from ${known.join(', ')}`,
  )
}

/** What CI and rollout controllers read: 0 go, 3 no_go, 4 inconclusive. */
export const gateExitCodes: Record<Verdict['verdict'], number> = { go: 0, no_go: 3, inconclusive: 4 }
