import { z } from 'zod'
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

/** The query string as the schema wants it. USAGE names every parameter that is wrong. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ')
  throw new UnderstudyError(
    'USAGE',
    `cannot read ${names}: "since" takes 7d, 12h or 2026-11-01, "asOf" takes "end" or 2026-11-01T12:00:00Z, "limit" 1 to 200, "format" text, json, md, html, csv or junit, "expect" go or no_go`,
  )
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
