import { type GoldenRow } from '../../../../shared/contracts/golden.ts'
import { messagesOf } from './messages.ts'

/** Samples as JSON lines, for the basic and the model-graded templates of openai/evals. `ideal`: the truth, else what was served. */
export function openaiEvalsSamples(rows: readonly GoldenRow[]): string {
  return rows
    .map((row) => {
      const ideal = row.groundTruth ?? row.servedOutput
      const metadata = {
        id: row.id,
        ideal_is: row.groundTruth === null ? 'served' : 'ground_truth',
        stratum: row.stratum,
      }
      return `${JSON.stringify({ input: messagesOf(row), ideal, metadata })}\n`
    })
    .join('')
}
