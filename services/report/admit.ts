import { type FastifyRequest } from 'fastify'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { type Role } from '../../shared/contracts/session.ts'
import { requireRole } from './access/principal.ts'

/** Who asks, and what they may. */
export type Asker = {
  actor: string
  mayReadBodies: boolean
  /** Says in the audit log what they did. */
  audit: (act: Act) => void
}

/** Lets a request in, or throws. */
export type Admit = (request: FastifyRequest, role: Role) => Asker

/** Whoever has the role comes in. AUTH_REQUIRED, FORBIDDEN. */
export function admitBy(audit: (act: Act, actor: string) => void): Admit {
  return (request, role) => {
    const { actor, mayReadBodies } = requireRole(request, role)
    return { actor, mayReadBodies, audit: (act) => audit(act, actor) }
  }
}
