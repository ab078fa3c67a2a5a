import { gunzipSync, gzipSync } from 'node:zlib'
import { Report } from '../../../shared/contracts/report.ts'
import { UnderstudyError } from '../../../shared/errors.ts'

const opening = '<!-- understudy-report:1 '
// At the beginning of a line, where no text of a model stands.
const found = /^<!-- understudy-report:1 ([A-Za-z0-9+/=]+) -->/gm

/** The largest report that is unpacked: more is no report of ours. */
const maxBytes = 256 * 1024 * 1024

/** The whole report as a comment on a line of its own, which Markdown and HTML know alike and which no text of a model can end. */
export function embedded(report: Report): string {
  return `${opening}${gzipSync(JSON.stringify(report)).toString('base64')} -->`
}

/** What a file shows, without what it carries: packing differs between machines. */
export function withoutEmbedded(text: string): string {
  return text.replace(found, '').trim()
}

/** The report in a JSON, Markdown or HTML file. USAGE where there is none. */
export function reportIn(text: string, file: string): Report {
  const [carried, second] = Array.from(text.matchAll(found), ([, base64]) => base64!)
  if (second !== undefined) throw notAReport(file, 'it carries more than one report')
  const parsed = Report.safeParse(carried === undefined ? parse(text, file) : unpack(carried, file))
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw notAReport(file, `${path.join('.') || 'the whole'}: ${message}`)
}

function unpack(base64: string, file: string): unknown {
  try {
    const bytes = gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: maxBytes })
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw notAReport(file, 'the report that it carries is damaged', cause)
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notAReport(file, 'it is no JSON and carries no report', cause)
  }
}

function notAReport(file: string, why: string, cause?: unknown): UnderstudyError {
  const cure = 'give a file that `understudy summary --format json, md or html` wrote, as it was written'
  return new UnderstudyError('USAGE', `${file} is not a report (${why}): ${cure}`, { cause })
}
