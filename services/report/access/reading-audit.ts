import { type FastifyRequest } from 'fastify'
import { type Act } from '../../../shared/contracts/audit-entry.ts'
import { type Access } from './access.ts'
import { principalOf } from './principal.ts'

/** Told when somebody gets answers of models and what users had asked. */
export type TellReading = (request: FastifyRequest, subject: string, details?: NonNullable<Act['details']>) => void

const dayMs = 86_400_000
/** So many are remembered; beyond that somebody may be told twice in a day. */
const mostKept = 10_000

/**
 * Who gets texts of users. A program exports them, and each time is told; a person who looks at the page, which asks anew whenever
 * something changes, is told as having viewed: once a day for each subject.
 */
export function readingAudit(
  access: Pick<Access, 'isOfOwnPage'>,
  audit: (act: Act, actor: string) => void,
  now: () => number = Date.now,
): TellReading {
  const toldAtMs = new Map<string, number>()
  return (request, subject, details = {}) => {
    const principal = principalOf(request)
    const { actor } = principal
    const isPage = principal.by !== 'bearer' && access.isOfOwnPage(request, principal)
    if (!isPage) return audit({ action: 'exported', subject, details }, actor)
    const key = JSON.stringify([actor, subject, details])
    const lastMs = toldAtMs.get(key)
    if (lastMs !== undefined && now() - lastMs < dayMs) return
    toldAtMs.delete(key)
    toldAtMs.set(key, now())
    const [oldest] = toldAtMs.keys()
    if (toldAtMs.size > mostKept) toldAtMs.delete(oldest!)
    audit({ action: 'viewed', subject, details }, actor)
  }
}
