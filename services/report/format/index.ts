import { type Report } from '../../../shared/contracts/report.ts'
import { reportPage } from '../page.ts'
import { summariesOf } from '../report.ts'
import { formatCsv } from './csv.ts'
import { formatJson } from './json.ts'
import { formatJunit, type Unsettled } from './junit.ts'
import { formatMarkdown } from './markdown.ts'
import { formatText } from './text.ts'

export type FormatName = 'text' | 'json' | 'md' | 'html' | 'csv' | 'junit'
export type FormatOptions = { colors?: boolean; unsettled?: Unsettled }
export type Format = { type: string; of: (report: Report, options?: FormatOptions) => string }

/** Every format is made from the same report, so that no two of them can disagree. */
export const formats: Record<FormatName, Format> = {
  text: { type: 'text/plain', of: (report, options) => formatText(summariesOf(report), { ...options, report }) },
  json: { type: 'application/json', of: formatJson },
  md: { type: 'text/markdown', of: (report) => formatMarkdown(summariesOf(report), report) },
  html: { type: 'text/html', of: reportPage },
  csv: { type: 'text/csv', of: ({ verdicts }) => formatCsv(verdicts) },
  junit: { type: 'application/xml', of: ({ verdicts }, options) => formatJunit(verdicts, options?.unsettled) },
}
