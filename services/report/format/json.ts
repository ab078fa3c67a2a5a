import { type Verdict } from '../../../shared/contracts/verdict.ts'

/** The verdicts for machines: `{ version: 1, verdicts: [Verdict, …] }`. */
export function formatJson(verdicts: readonly Verdict[]): string {
  return `${JSON.stringify({ version: 1, verdicts }, null, 2)}\n`
}
