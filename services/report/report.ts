import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Report } from '../../shared/contracts/report.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { type Summary } from './summary.ts'

export type ReportContent = Omit<Report, 'digest' | 'signature'>

/** A report with the digest of its content. */
export function reportOf(content: Omit<ReportContent, 'version'>): Report {
  const whole: ReportContent = { version: 1, ...content }
  return { ...whole, digest: digestOf(whole), signature: null }
}

/** The same content has the same digest, however its members are ordered or spaced. */
export function digestOf({ version, verdicts, facts, inputs }: ReportContent): string {
  return `sha256:${sha256Hex(canonicalJson({ version, verdicts, facts, inputs }))}`
}

/** Candidate by candidate, as the formats show it. */
export function summariesOf({ verdicts, facts }: Pick<Report, 'verdicts' | 'facts'>): Summary[] {
  return verdicts.map((verdict) => {
    const known = facts.find(({ candidate }) => candidate === verdict.candidate)
    return { verdict, worst: known?.worst ?? [], ...(known && { facts: known }) }
  })
}
