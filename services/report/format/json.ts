import { type Report } from '../../../shared/contracts/report.ts'

/** The report for machines: `{ version: 1, verdicts: [Verdict, …], facts, inputs, digest, signature }`. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
