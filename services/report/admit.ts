import { type FastifyRequest } from 'fastify'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { type ActorOf } from './actor.ts'
import { refusePages } from './intake.ts'

export type Role = 'viewer' | 'reviewer' | 'admin'

/** Who asks, and what they may. */
export type Asker = {
  actor: string
  mayReadBodies: boolean
  /** Says in the audit log what they did. */
  audit: (act: Act) => void
}

/** Lets a request in, or throws. */
export type Admit = (request: FastifyRequest, role: Role) => Asker

/** Where everybody who reaches the report may do everything: but no page of another origin. */
export function admitAll(actorOf: ActorOf, audit: (act: Act, actor: string) => void): Admit {
  return (request, role) => {
    if (role !== 'viewer') refusePages(request)
    const actor = actorOf(request)
    return { actor, mayReadBodies: true, audit: (act) => audit(act, actor) }
  }
}
