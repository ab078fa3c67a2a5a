import { type GoldenRow } from '../../../../shared/contracts/golden.ts'

/**
 * Goldens as one JSON array, under the names of the fields of `Golden`: `EvaluationDataset.add_goldens_from_json_file(file,
 * input_key_name='input', actual_output_key_name='actual_output', expected_output_key_name='expected_output',
 * context_key_name='context')`. `context` is what the model had been told.
 */
export function deepevalGoldens(rows: readonly GoldenRow[]): string {
  const goldens = rows.map((row) => ({
    input: row.prompt,
    actual_output: row.servedOutput,
    expected_output: row.groundTruth,
    context: row.context,
    retrieval_context: null,
    source_file: null,
    name: row.id,
    comments: row.notes,
    additional_metadata: {
      split: row.split,
      stratum: row.stratum,
      weight: row.weight,
      route: row.route,
      task: row.task,
    },
  }))
  return `${JSON.stringify(goldens, null, 2)}\n`
}
