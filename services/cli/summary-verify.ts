import { basename } from 'node:path'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type Report } from '../../shared/contracts/report.ts'
import { parseJson } from '../../shared/dialects/json.ts'
import { type Differing, differing } from '../report/differing.ts'
import { reportIn, withoutEmbedded } from '../report/format/embedded.ts'
import { formats } from '../report/format/index.ts'
import { loadReport } from '../report/load-report.ts'
import { digestOf } from '../report/report.ts'
import { createReportSource, type ReportSource } from '../report/source.ts'
import { counted } from '../report/words.ts'
import { print } from './command.ts'
import { readInput } from './input-file.ts'
import { withReader } from './reader.ts'
import { isSignedBy, readPublicKey } from './summary-sign.ts'

export type Verification = {
  version: 1
  same: boolean
  /** What speaks against the file itself: it was altered, or not signed by that key. */
  problems: string[]
  /** Fields that come out otherwise. Empty where the file itself is not to be trusted: then nothing is compared. */
  differing: Differing[]
  /** Why they may. */
  reasons: string[]
  /** What was left out of the comparison, or not checked. */
  notes: string[]
}

type VerifyOptions = { json?: boolean; publicKey?: string }

/** Makes the report of a file again from the store, for the same window, and compares. Sets exit code 1 where it differs. */
export async function verifyReport(file: string, config: Config, options: VerifyOptions): Promise<void> {
  const name = file === '-' ? 'standard input' : basename(file)
  const text = (await readInput(file)).toString('utf8')
  const verification = await verificationOf(text, name, options, (report) =>
    withReader(config, (store) => compared(report, createReportSource(store), config, options)),
  )
  print(options, verification, told(name, verification))
  process.exitCode = verification.same ? 0 : 1
}

/** `compare` is asked only where the file itself can be trusted. USAGE where it holds no report. */
export async function verificationOf(
  text: string,
  name: string,
  { publicKey }: VerifyOptions,
  compare: (report: Report) => Promise<Verification>,
): Promise<Verification> {
  const report = reportIn(text, name)
  const problems = problemsOf(report, text, publicKey)
  return problems.length > 0 ? untrusted(problems) : await compare(report)
}

function problemsOf(report: Report, text: string, publicKey: string | undefined): string[] {
  const key = publicKey === undefined ? null : readPublicKey(publicKey)
  return [
    ...(digestOf(report) === report.digest ? [] : ['its digest does not fit its content: it was altered']),
    ...(isAsWritten(report, text)
      ? []
      : [
          'what it shows is not what this version makes of the report that it carries: it was altered, or another version wrote it',
        ]),
    ...(key === null || isSignedBy(report, key)
      ? []
      : [report.signature === null ? 'it is not signed' : 'its signature is not by that key, or of another report']),
  ]
}

/** Nothing but the report decides what a file shows, so what is shown can be checked as well. */
function isAsWritten(report: Report, text: string): boolean {
  const value = parseJson(text)
  if (value !== undefined) return canonicalJson(value) === canonicalJson(report)
  return [formats.md, formats.html].some(({ of }) => withoutEmbedded(of(report)) === withoutEmbedded(text))
}

function untrusted(problems: string[]): Verification {
  return { version: 1, same: false, problems, differing: [], reasons: [], notes: [] }
}

/** The report made again, and what differs. */
export async function compared(
  report: Report,
  source: ReportSource,
  config: Config,
  { publicKey }: VerifyOptions,
): Promise<Verification> {
  const { candidate, since, asOf, trafficEnded, migrationEffortUsd } = report.inputs
  const query = {
    candidate: candidate ?? undefined,
    since: since === null ? undefined : new Date(since),
    asOf: new Date(asOf),
    trafficEnded,
    migrationEffortUsd: migrationEffortUsd ?? undefined,
    // A report is checked against the comparisons themselves.
    recompute: true,
  }
  const again = await loadReport(source, config, query)
  const { verdicts, facts, inputs } = report
  const found = differing(
    { inputs, verdicts, facts },
    { inputs: again.inputs, verdicts: again.verdicts, facts: again.facts },
  )
  const isOfLedger = ({ pointer }: Differing) => /^\/verdicts\/\d+\/ledger\/lines\//.test(pointer)
  const counting = found.filter((each) => !isOfLedger(each))
  return {
    version: 1,
    same: counting.length === 0,
    problems: [],
    differing: counting,
    reasons: counting.length === 0 ? [] : reasonsFor(report, again, config),
    notes: [
      ...(found.length > counting.length
        ? ['the lines of the ledger are not compared: they count the whole recorded time, also what came since']
        : []),
      ...(report.signature !== null && publicKey === undefined
        ? ['it is signed, and by whom was not checked: give --public-key']
        : []),
    ],
  }
}

function reasonsFor(report: Report, again: Report, config: Config): string[] {
  const changed = differing(report.inputs, again.inputs).map(({ pointer }) => pointer.split('/')[1])
  const inputs = changed.length === 0 ? [] : [`the config is another than it was (${[...new Set(changed)].join(', ')})`]
  return [...inputs, ...report.verdicts.flatMap((verdict) => rowsReason(verdict, again, config) ?? [])]
}

type Judged = Report['verdicts'][number]

function rowsReason(was: Judged, again: Report, { retention }: Config): string | null {
  const is = again.verdicts.find(({ candidate }) => candidate === was.candidate)
  if (is === undefined) return `${was.candidate} is no candidate of the config any more`
  if (is.armFingerprint !== was.armFingerprint) return `${was.candidate} has other settings than it had`
  const rows = ({ comparisons }: Judged) => comparisons.compared + comparisons.notComparable
  const seen = `${rows(is)} of its window where the report was made from ${rows(was)}`
  if (rows(is) < rows(was)) {
    return `${was.candidate}: the store holds ${seen}: they have expired (retention.metricsDays: ${retention.metricsDays}), or this is another store`
  }
  if (rows(is) > rows(was)) return `${was.candidate}: the store holds ${seen}: some were compared after the report`
  return null
}

const shownDiffering = 20

function told(name: string, { same, problems, differing: found, reasons, notes }: Verification): string {
  if (problems.length > 0) return [`${name} is not to be trusted:`, ...problems.map((line) => `  ${line}`)].join('\n')
  const value = (side: unknown) => (side === undefined ? 'nothing' : JSON.stringify(side))
  const lines = found
    .slice(0, shownDiffering)
    .map(({ pointer, was, is }) => `  ${pointer}: ${value(was)}, now ${value(is)}`)
  const more = found.length > lines.length ? [`  and ${found.length - lines.length} more`] : []
  return [
    same ? `${name} comes out the same` : `${name} comes out otherwise in ${counted(found.length, 'field')}:`,
    ...lines,
    ...more,
    ...reasons.map((reason) => `why: ${reason}`),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n')
}
