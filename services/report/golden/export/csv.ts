import { type GoldenRow } from '../../../../shared/contracts/golden.ts'
import { cell } from '../../format/csv.ts'

const columns = [
  'id',
  'split',
  'stratum',
  'weight',
  'capturedAt',
  'route',
  'task',
  'language',
  'prompt',
  'context',
  'modelConfig',
  'groundTruth',
  'servedOutput',
  'latencyMs',
  'ttftMs',
  'inputTokens',
  'outputTokens',
  'automatedScores',
  'humanScores',
  'notes',
] as const satisfies readonly (keyof GoldenRow)[]

/** One row per exchange, under the names of the fields; what is no plain value is JSON. `golden import` takes it back. */
export function goldenCsv(rows: readonly GoldenRow[]): string {
  const lines = rows.map((row) =>
    columns.map((name) => {
      const value = row[name]
      return cell(typeof value === 'object' && value !== null ? JSON.stringify(value) : value)
    }),
  )
  return [[...columns], ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}
