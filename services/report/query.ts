import { z } from 'zod'
import { PairOutcome } from '../../shared/contracts/comparison.ts'
import { ComparisonOutcome, ComparisonSort } from '../../shared/contracts/comparison-page.ts'
import { UnderstudyError } from '../../shared/errors.ts'

const spansMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `7d`, `12h`, `30m`, `2w` before now, or a date or time in ISO form. */
export const since = z.union([
  z
    .string()
    .regex(/^\d{1,6}[mhdw]$/)
    .transform((span) => {
      const unit = span.at(-1) as keyof typeof spansMs
      return new Date(Date.now() - Number(span.slice(0, -1)) * spansMs[unit])
    }),
  z.union([z.iso.date(), z.iso.datetime({ offset: true })]).transform((text) => new Date(text)),
])

export const VerdictParameters = z.object({
  since: since.optional(),
  asOf: z.union([z.literal('end'), z.iso.datetime({ offset: true }).transform((text) => new Date(text))]).optional(),
})

export const WorstParameters = z.object({
  candidate: z.string(),
  since: since.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
})

export const GateParameters = z.object({
  expect: z.enum(['go', 'no_go']).default('go'),
  /** Given once, or several times. */
  keep: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
})

export const ReportParameters = z.object({
  format: z.enum(['text', 'json', 'md', 'html', 'csv', 'junit']).default('json'),
})

const text = z.string().max(1_000).optional()

export const ComparisonsParameters = z.strictObject({
  /** Of the config. Default: all of them. */
  candidate: text,
  route: text,
  outcome: ComparisonOutcome.optional(),
  finding: PairOutcome.optional(),
  /** A rung of the ladder. */
  decidedBy: text,
  /** A place where documents or tool calls differ, as in `paths`. */
  path: text,
  minDivergence: z.coerce.number().min(0).max(1).optional(),
  /** Searched for in requests, answers and differences, whatever the case; an id finds its exchange. */
  q: z.string().min(2).max(200).optional(),
  from: since.optional(),
  to: since.optional(),
  sort: ComparisonSort.default('newest'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
  /** `false`: without the beginnings of the answers, which take longer to read than all the rest. */
  texts: z.enum(['true', 'false']).default('true'),
})

/** As many as a page may show at once. */
const mostLines = 60

export const TextsParameters = z.strictObject({
  /** `comparisonId@capturedAt` of each line, with commas between them. */
  lines: z
    .string()
    .transform((lines) => lines.split(','))
    .pipe(z.array(z.templateLiteral([z.guid(), '@', z.iso.datetime({ precision: 3 })])).max(mostLines)),
})

export const SeriesParameters = z.strictObject({ since: since.optional() })

export const ExchangeParameters = z.strictObject({ candidate: text })

const spans = '7d, 12h, 2026-11-01 or 2026-11-01T12:00:00Z'
const expectations: Record<string, string> = {
  since: spans,
  from: spans,
  to: spans,
  asOf: '"end" or 2026-11-01T12:00:00Z',
  limit: 'a whole number from 1 to 200',
  format: 'text, json, md, html, csv or junit',
  expect: 'go or no_go',
  candidate: 'the name of a candidate',
  outcome: ComparisonOutcome.options.join(', '),
  finding: PairOutcome.options.join(', '),
  sort: ComparisonSort.options.join(', '),
  minDivergence: 'a number from 0 to 1',
  q: '2 to 200 characters',
  texts: 'true or false',
  lines: `up to ${mostLines} times comparisonId@capturedAt, with commas between them`,
}

/** The query string as the schema wants it; what is empty is not given. USAGE names every parameter that is wrong. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const given = Object.entries(query as Record<string, unknown>).filter(([, value]) => value !== '')
  const parsed = schema.safeParse(Object.fromEntries(given))
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `there is no parameter "${key}"`)
      : [
          `"${issue.path.join('.')}" takes ${expectations[String(issue.path[0])] ?? 'one text of at most 1000 characters'}`,
        ],
  )
  throw new UnderstudyError('USAGE', `the question cannot be read: ${[...new Set(wrong)].join('; ')}`)
}

/** A body, or a query, as the schema wants it. USAGE names every member that is wrong, and what is expected there. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`)
  throw new UnderstudyError('USAGE', `cannot be taken: ${mistakes.join('; ')}`)
}

/** A moment as `since` is written in a body. USAGE where it cannot be read. */
export function sinceOf(text: string): Date {
  return parseQuery(z.object({ since }), { since: text }).since
}
