import { createHash } from 'node:crypto'
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Session, SignIn } from '../../../shared/contracts/session.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { markup, Html } from '../html.ts'
import { type Access, cookieName } from './access.ts'
import { type Principal, principalOf } from './principal.ts'

const secondMs = 1_000

/** `/api/v1/session`, and the page on which a token is typed in. */
export function registerSignIn(app: FastifyInstance, access: Access): void {
  app.get('/api/v1/session', (request) => sessionOf(principalOf(request), access))
  app.get('/sign-in', { config: { isOpen: true } }, (_request, reply) => sendSignIn(reply, 200, ''))
  void app.register((door, _options, done) => {
    door.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, Object.fromEntries(new URLSearchParams(body as string))),
    )
    door.post('/api/v1/session', { config: { isOpen: true }, bodyLimit: 16_384 }, (request, reply) => {
      refuseOtherSites(request)
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
      const { secret, principal } = access.sessions.begin(principalIn(request, access))
      void reply.setCookie(cookieName, secret, {
        ...cookieTerms(request),
        maxAge: Math.floor((principal.untilMs! - Date.now()) / secondMs),
      })
      return isForm ? reply.redirect('/', 303) : sessionOf(principal, access)
    })
    done()
  })
  app.delete('/api/v1/session', (request, reply) => {
    const secret = request.cookies[cookieName]
    if (secret !== undefined) access.sessions.end(secret)
    return reply.clearCookie(cookieName, cookieTerms(request)).code(204).send()
  })
}

function sessionOf(principal: Principal, access: Access): Session {
  const { actor, role, mayReadBodies, by } = principal
  // Nobody of the role `intake` comes this far.
  if (role === 'intake') throw new UnderstudyError('FORBIDDEN', `${actor} hands exchanges in and sees nothing`)
  return {
    version: 1,
    actor,
    role,
    mayReadBodies,
    csrfToken: access.csrfTokenOf(principal),
    canSignOut: by === 'session',
  }
}

function principalIn({ body }: FastifyRequest, access: Access): Principal {
  const parsed = SignIn.safeParse(body)
  if (!parsed.success) throw new UnderstudyError('USAGE', 'send {"token": "…"}')
  const principal = access.byToken(parsed.data.token.trim())
  if (principal.role !== 'intake') return principal
  throw new UnderstudyError('FORBIDDEN', `${principal.actor} hands exchanges in and sees nothing`)
}

/** A browser says over which scheme its page came; what stands between may have taken the TLS off. */
function cookieTerms({ headers }: FastifyRequest) {
  const secure = headers.origin?.startsWith('https:') === true
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
}

/** Nobody is signed in by another site's page. */
function refuseOtherSites({ headers }: FastifyRequest): void {
  if (['cross-site', 'same-site'].includes(headers['sec-fetch-site'] ?? ''))
    throw new UnderstudyError('FORBIDDEN', 'sign in on the page of the report itself')
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}
input,button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0}`
const styleHash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** For a browser that comes without a session; works without scripts. */
export function sendSignIn(reply: FastifyReply, status: number, said: string): FastifyReply {
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Understudy: sign in</title>
        ${new Html(`<style>${style}</style>`)}
      </head>
      <body>
        <h1>Understudy</h1>
        <p>${said}</p>
        <form method="post" action="/api/v1/session">
          <label for="token">Token</label>
          <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
          <button>Sign in</button>
        </form>
      </body>
    </html>`
  return (
    reply
      .code(status)
      .header('content-security-policy', policy)
      // Without it the browser would not say where the form came from.
      .header('referrer-policy', 'same-origin')
      .type('text/html; charset=utf-8')
      .send(page.markup)
  )
}
