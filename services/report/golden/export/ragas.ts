import { type GoldenRow } from '../../../../shared/contracts/golden.ts'

/**
 * `SingleTurnSample`s as JSON lines: `EvaluationDataset.from_jsonl(file)`. A turn before the last one is part of the input: as a retrieved
 * context it would be scored as if a search had found it.
 */
export function ragasSamples(rows: readonly GoldenRow[]): string {
  return rows
    .map(({ context, prompt, servedOutput, groundTruth }) => {
      const sample = {
        user_input: [...context, prompt].join('\n\n'),
        response: servedOutput,
        ...(groundTruth === null ? {} : { reference: groundTruth }),
      }
      return `${JSON.stringify(sample)}\n`
    })
    .join('')
}
