import { type GoldenRow } from '../../../../shared/contracts/golden.ts'
import { parseJson } from '../../../../shared/dialects/json.ts'
import { messagesOf } from './messages.ts'

/**
 * Test cases as JSON lines (`tests: file://set.jsonl`), for `prompts: ['{{messages}}']`. What was said is one text of JSON: of a variable
 * that is a list promptfoo would make a test for each element.
 */
export function promptfooTests(rows: readonly GoldenRow[]): string {
  return rows.map((row) => `${JSON.stringify(testOf(row))}\n`).join('')
}

function testOf(row: GoldenRow): object {
  return {
    description: `${row.stratum} ${row.id}`,
    vars: { prompt: row.prompt, context: row.context.join('\n\n'), messages: JSON.stringify(messagesOf(row)) },
    assert: assertionsOf(row),
    metadata: {
      id: row.id,
      split: row.split,
      stratum: row.stratum,
      weight: row.weight,
      route: row.route,
      servedOutput: row.servedOutput,
    },
  }
}

/** Free text is held to the truth by a model, everything else to the letter. */
function assertionsOf({ groundTruth, task }: GoldenRow): object[] {
  if (groundTruth === null) return []
  if (task === 'text') return [{ type: 'factuality', value: groundTruth }]
  return [{ type: 'equals', value: task === 'json' ? (parseJson(groundTruth) ?? groundTruth) : groundTruth }]
}
