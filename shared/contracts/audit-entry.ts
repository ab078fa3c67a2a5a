import { z } from 'zod'

export const AuditAction = z.enum([
  'exported',
  'viewed',
  'reviewed',
  'erased',
  'paused',
  'resumed',
  'resent',
  'reencrypted',
  'backed_up',
  'restored',
  'waived',
  'frozen',
  'holdout_opened',
])
export type AuditAction = z.infer<typeof AuditAction>

/** Somebody did something to the traffic that is kept, or to what becomes of it. */
export const AuditEntry = z.object({
  version: z.literal(1),
  entryId: z.uuid(),
  at: z.iso.datetime({ precision: 3 }),
  /** `os:NAME` at the command line; over HTTP `token:NAME`, `header:NAME` (said by the proxy), `local` or `anyone`. */
  actor: z.string().min(1),
  action: AuditAction,
  /** An arm, a candidate, a kind of what was erased. Never a text of users. */
  subject: z.string(),
  details: z.record(z.string(), z.json()),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** An entry before somebody signs it. */
export type Act = Pick<AuditEntry, 'action' | 'subject'> & { details?: AuditEntry['details'] }
