import { type GateResult, type Verdict } from '../../../shared/contracts/verdict.ts'

type Cell = string | number | boolean | null
type Column = { title: string; about: string; of: (gate: GateResult, verdict: Verdict) => Cell }

/** One row per candidate and gate. Columns are only ever added, at the end. */
export const csvColumns: readonly Column[] = [
  { title: 'candidate', about: 'its name in the config', of: (_, { candidate }) => candidate },
  { title: 'verdict', about: 'go, no_go or inconclusive', of: (_, { verdict }) => verdict },
  { title: 'reason', about: 'why, as a word', of: (_, { reason }) => reason },
  { title: 'gate', about: 'which margin the row is about', of: ({ gate }) => gate },
  { title: 'blocking', about: 'false: displayed only', of: ({ blocking }) => blocking },
  { title: 'state', about: 'inside, outside, undecided, no_data or off', of: ({ state }) => state },
  { title: 'margin', about: 'the margin in words', of: ({ margin }) => margin },
  { title: 'unit', about: 'what is independent: conversation or hour', of: ({ unit }) => unit },
  { title: 'units', about: 'how many of them entered', of: ({ units }) => units },
  { title: 'exchanges', about: 'how many exchanges these hold', of: ({ exchanges }) => exchanges },
  {
    title: 'design_effect',
    about: 'how many times the variance of as many independent exchanges',
    of: ({ designEffect }) => designEffect ?? null,
  },
  { title: 'mean', about: 'distance to the margin, inside above 0', of: ({ mean }) => mean },
  { title: 'lower', about: 'lower end of its interval, which holds at every look', of: ({ lower }) => lower },
  { title: 'upper', about: 'upper end', of: ({ upper }) => upper },
  { title: 'log_e_go', about: 'evidence for inside; ln(1/alpha) is enough', of: ({ logEGo }) => logEGo },
  { title: 'log_e_no_go', about: 'evidence for outside', of: ({ logENoGo }) => logENoGo },
  { title: 'candidate_value', about: 'the candidate on the natural scale', of: ({ natural }) => natural.candidate },
  { title: 'reference_value', about: 'the served model asked again', of: ({ natural }) => natural.reference },
  { title: 'value_unit', about: 'share, ms or USD', of: ({ natural }) => natural.unit },
  { title: 'more_at_observed_rate', about: 'units until GO', of: ({ more }) => more?.atObservedRate ?? null },
  { title: 'more_if_truly_equal', about: 'units until GO', of: ({ more }) => more?.ifTrulyEqual ?? null },
  { title: 'more_at_lower_bound', about: 'units until GO', of: ({ more }) => more?.atLowerBound ?? null },
  { title: 'notes', about: 'what else must be known, separated by semicolons', of: ({ notes }) => notes.join('; ') },
  { title: 'as_of', about: 'when the verdict was drawn', of: (_, { asOf }) => asOf },
  { title: 'from', about: 'first capture', of: (_, { from }) => from },
  { title: 'to', about: 'last capture', of: (_, { to }) => to },
  { title: 'alpha', about: 'error probability', of: (_, { alpha }) => alpha },
  {
    title: 'except',
    about: 'kinds of traffic that a go leaves out, separated by semicolons',
    of: (_, { except }) => except.map(({ dimension, value }) => `${dimension}=${value}`).join('; '),
  },
]

/** RFC 4180. Unknown is an empty cell. */
export function formatCsv(verdicts: readonly Verdict[]): string {
  const rows = verdicts.flatMap((verdict) =>
    verdict.gates.map((gate) => csvColumns.map(({ of }) => cell(of(gate, verdict)))),
  )
  return [csvColumns.map(({ title }) => title), ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  // A spreadsheet would run a text that begins like a formula.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
