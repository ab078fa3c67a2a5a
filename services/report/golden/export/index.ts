import { type GoldenFormat, type GoldenRow } from '../../../../shared/contracts/golden.ts'
import { goldenCsv } from './csv.ts'
import { deepevalGoldens } from './deepeval.ts'
import { openaiEvalsSamples } from './openai-evals.ts'
import { promptfooTests } from './promptfoo.ts'
import { ragasSamples } from './ragas.ts'

export type GoldenExport = {
  extension: 'jsonl' | 'json' | 'csv'
  type: string
  of: (rows: readonly GoldenRow[]) => string
}

const lines = { extension: 'jsonl', type: 'application/x-ndjson' } as const

/** To add one: a file, a line here and in `GoldenFormat`, a test. */
export const goldenExports: Record<GoldenFormat, GoldenExport> = {
  jsonl: { ...lines, of: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('') },
  csv: { extension: 'csv', type: 'text/csv', of: goldenCsv },
  promptfoo: { ...lines, of: promptfooTests },
  deepeval: { extension: 'json', type: 'application/json', of: deepevalGoldens },
  ragas: { ...lines, of: ragasSamples },
  'openai-evals': { ...lines, of: openaiEvalsSamples },
}
