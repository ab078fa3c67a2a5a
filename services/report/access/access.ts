import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import cookie from '@fastify/cookie'
import { type FastifyInstance, type FastifyRequest } from 'fastify'
import { type AccessConfig, type Config } from '../../../shared/config/schema.ts'
import { type Role } from '../../../shared/contracts/session.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { isLoopback, openToAll } from '../../../shared/config/loopback.ts'
import { type AccessRole, isAtLeast, type Principal, requireRole } from './principal.ts'
import { identitiesBy } from './proxy.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { type Holder, readTokens } from './tokens.ts'

export const cookieName = 'understudy_session'
export const csrfHeader = 'x-understudy-csrf'

/** Knows who asks. */
export type Access = {
  sessions: Sessions
  /** AUTH_REQUIRED: it is no token, or one that is no longer taken. */
  byToken(token: string): Principal
  identify(request: FastifyRequest): Principal
  csrfTokenOf(principal: Principal): string
  /** It carries the CSRF token of whoever asks: no page elsewhere can make a browser send that. */
  isOfOwnPage(request: Pick<FastifyRequest, 'headers'>, principal: Principal): boolean
  /** A browser has something to type in. */
  hasTokens: boolean
}

/**
 * CONFIG_INVALID where a token cannot be used, and where the report would stand open to a network without a word about
 * who may come in.
 */
export function openAccess(
  { listen, access }: Pick<Config['report'], 'listen' | 'access'>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Access {
  const holderOf = readTokens(access.tokens, env)
  const identityOf = access.proxy === false ? () => null : identitiesBy(access.proxy)
  const sessions = createSessions(access.sessionHours)
  const others = principalOfOthers(access, listen)
  const secret = randomBytes(32)
  const mayRead = (role: AccessRole) => isAtLeast(role, access.bodies)

  function byToken(token: string): Principal {
    const holder = holderOf(token)
    if (holder === null) throw new UnderstudyError('AUTH_REQUIRED', 'this is no token of report.access.tokens')
    refuseOver(holder)
    const { name, role, untilMs } = holder
    const actor = `token:${name}`
    return { actor, role, mayReadBodies: mayRead(role), by: 'bearer', csrfKey: actor, untilMs }
  }

  function byProxy(request: FastifyRequest): Principal | null {
    const identity = identityOf(request.raw)
    if (identity === null) return null
    const { name, role } = identity
    const actor = `header:${name}`
    if (role === null)
      throw new UnderstudyError('FORBIDDEN', `${actor} has no role: name them in report.access.proxy.roles`)
    return { actor, role, mayReadBodies: mayRead(role), by: 'proxy', csrfKey: actor, untilMs: null }
  }

  const csrfTokenOf = ({ csrfKey }: Principal) => createHmac('sha256', secret).update(csrfKey).digest('base64url')

  return {
    sessions,
    byToken,
    hasTokens: access.tokens.length > 0,
    csrfTokenOf,
    isOfOwnPage({ headers }, principal) {
      const given = headers[csrfHeader]
      return typeof given === 'string' && areEqual(given, csrfTokenOf(principal))
    },
    identify(request) {
      const [, token] = /^bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
      // A proxy may hand on a token of its own: it is then the proxy that says who asks.
      if (token !== undefined && (access.proxy === false || holderOf(token) !== null)) return byToken(token)
      const cookieOf = request.cookies[cookieName]
      const session = cookieOf === undefined ? null : sessions.find(cookieOf)
      const found = session ?? byProxy(request)
      if (found !== null) return found
      if (others === null) throw new UnderstudyError('AUTH_REQUIRED', howToComeIn(access))
      if (others.by === 'local') refuseForeignHost(request)
      return { ...others, mayReadBodies: mayRead(others.role) }
    },
  }
}

/** Lets nobody pass who may not: every route of the app but those with `isOpen`. */
export async function registerAccess(app: FastifyInstance, access: Access): Promise<void> {
  await app.register(cookie)
  app.decorateRequest('principal', null)
  app.addHook('onRequest', (request, _reply, done) => {
    const { config } = request.routeOptions
    if (!request.is404 && config.isOpen !== true) {
      request.principal = access.identify(request)
      requireRole(request, config.role ?? 'viewer')
      refuseForged(request, request.principal, access)
    }
    done()
  })
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A page elsewhere can make a browser write here, with its cookie, through its proxy or from its machine; it cannot read the
 * CSRF token. Programs send no origin and have no need of it.
 */
function refuseForged(request: FastifyRequest, principal: Principal, access: Access): void {
  const { headers, method } = request
  if (safeMethods.has(method) || principal.by === 'bearer') return
  const isProgram = headers.origin === undefined && headers['sec-fetch-site'] === undefined
  if (isProgram && ['local', 'anyone'].includes(principal.by)) return
  if (access.isOfOwnPage(request, principal)) return
  throw new UnderstudyError(
    'FORBIDDEN',
    `the header ${csrfHeader} does not hold the csrfToken of GET /api/v1/session: ask for it anew, and send it with every write`,
  )
}

function areEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Who somebody is of whom nothing is known; null: nobody. */
function principalOfOthers(
  { anyone, tokens, proxy }: AccessConfig,
  listen: string,
): Omit<Principal, 'mayReadBodies'> | null {
  const isSilent = anyone === undefined && tokens.length === 0 && proxy === false
  if (isSilent && !isLoopback(listen))
    throw new UnderstudyError('CONFIG_INVALID', `report.listen ${listen}: ${openToAll}`)
  const of = (by: 'local' | 'anyone', role: Role) => ({ actor: by, role, by, csrfKey: by, untilMs: null })
  if (isSilent) return of('local', 'admin')
  return anyone === undefined || anyone === false ? null : of('anyone', anyone)
}

/**
 * A page of any name can be made to lead to this machine; its scripts then read what is served here. The name stays in the
 * request.
 */
function refuseForeignHost({ host, hostname }: FastifyRequest): void {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return
  throw new UnderstudyError(
    'FORBIDDEN',
    `"${host}" is no address of this machine: open it as localhost, or say in report.access who may come in`,
  )
}

function refuseOver({ name, untilMs }: Holder): void {
  if (untilMs === null || Date.now() < untilMs) return
  throw new UnderstudyError(
    'AUTH_REQUIRED',
    `the token ${name} was taken until ${new Date(untilMs - 1).toISOString().slice(0, 10)}: ask for a new one`,
  )
}

function howToComeIn({ tokens, proxy }: AccessConfig): string {
  const ways = [
    ...(tokens.length > 0 ? ['send "Authorization: Bearer" with a token, or sign in at /sign-in'] : []),
    ...(proxy === false ? [] : ['come through the proxy that report.access.proxy names']),
  ]
  return ways.length === 0 ? 'nobody may come in: see report.access' : ways.join('; or ')
}
