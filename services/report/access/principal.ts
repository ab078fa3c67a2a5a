import { type FastifyRequest } from 'fastify'
import { type Role } from '../../../shared/contracts/session.ts'
import { UnderstudyError } from '../../../shared/errors.ts'

/** `intake` hands exchanges in and sees nothing. */
export type AccessRole = Role | 'intake'

/** Somebody who is known, or who need not be. */
export type Principal = {
  /** As the audit log has it: `local`, `anyone`, `token:NAME`, `header:NAME`. */
  actor: string
  role: AccessRole
  mayReadBodies: boolean
  /**
   * How they are known. `bearer` comes with each request by itself; everything else a browser adds to requests that other pages
   * make, too, so writes need the CSRF token.
   */
  by: 'local' | 'anyone' | 'bearer' | 'session' | 'proxy'
  /** The CSRF token is made of it. */
  csrfKey: string
  /** Null: it does not end by itself. */
  untilMs: number | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null only where nobody has to be known: at a route with `isOpen`, and where there is no route. */
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** Nobody has to be known here. */
    isOpen?: boolean
    /** Default: viewer. */
    role?: AccessRole
  }
}

const ranks: Record<Role, number> = { viewer: 0, reviewer: 1, admin: 2 }

export function isAtLeast(role: AccessRole, needed: Role): boolean {
  return role !== 'intake' && ranks[role] >= ranks[needed]
}

/** AUTH_REQUIRED where nobody is known. */
export function principalOf({ principal }: Pick<FastifyRequest, 'principal'>): Principal {
  if (principal === null) throw new UnderstudyError('AUTH_REQUIRED', 'sign in first')
  return principal
}

/** Who asks, where they may do what this role may. AUTH_REQUIRED, FORBIDDEN. */
export function requireRole(request: Pick<FastifyRequest, 'principal'>, needed: AccessRole): Principal {
  const principal = principalOf(request)
  const may = needed === 'intake' ? ['intake', 'admin'].includes(principal.role) : isAtLeast(principal.role, needed)
  if (may) return principal
  throw new UnderstudyError(
    'FORBIDDEN',
    `${principal.actor} has the role ${principal.role}, and this needs ${needed}: ask for that role in report.access`,
  )
}

/** Who asks, where they may read what users and models said. AUTH_REQUIRED, FORBIDDEN. */
export function requireBodies(request: Pick<FastifyRequest, 'principal'>): Principal {
  const principal = principalOf(request)
  if (principal.mayReadBodies) return principal
  throw new UnderstudyError('FORBIDDEN', `${principal.actor} may not read texts: ${bodiesCure}`)
}

export const bodiesCure = 'ask for the role that report.access.bodies names'
