import { z } from 'zod'

/** `viewer` reads numbers, `reviewer` also labels answers, `admin` also freezes, waives, pauses and resumes. */
export const Role = z.enum(['viewer', 'reviewer', 'admin'])
export type Role = z.infer<typeof Role>

/** Who asks and what they may do: `GET /api/v1/session`. */
export const Session = z.object({
  version: z.literal(1),
  /** As the audit log has it: `local`, `token:NAME`, `header:NAME`. */
  actor: z.string(),
  role: Role,
  /** Whether texts of users are shown; where not, they are null or empty, and `bodies` says `hidden`. */
  mayReadBodies: z.boolean(),
  /** Goes into the header `x-understudy-csrf` of every write of a browser. */
  csrfToken: z.string(),
  /** There is a session that `DELETE /api/v1/session` can end: whoever signed in with a token. */
  canSignOut: z.boolean(),
})
export type Session = z.infer<typeof Session>

/** `POST /api/v1/session` takes it and answers with a `Session` and its cookie. */
export const SignIn = z.object({ token: z.string().min(1).max(4096) })
export type SignIn = z.infer<typeof SignIn>

/** Every answer that is none. 401 AUTH_REQUIRED: sign in. 403 FORBIDDEN: another role, or the CSRF header, is needed. */
export const ErrorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
export type ErrorAnswer = z.infer<typeof ErrorAnswer>

/** Data of `event: changed` of `GET /api/v1/events`: sent at the beginning, and whenever one of these has changed. */
export const Changed = z.object({
  version: z.literal(1),
  asOf: z.iso.datetime({ precision: 3 }),
  exchanges: z.int().nonnegative(),
  comparisons: z.int().nonnegative(),
  /** By candidate; one without an entry has not been judged yet. */
  verdicts: z.record(z.string(), z.enum(['go', 'no_go', 'inconclusive'])),
})
export type Changed = z.infer<typeof Changed>
