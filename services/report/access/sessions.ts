import { createHash, randomBytes } from 'node:crypto'
import { type Principal } from './principal.ts'

const hourMs = 3_600_000
/** Of everybody together: the oldest makes room. */
const mostSessions = 1_000

/** Browsers that have signed in with a token. In memory: a restart signs everybody out. */
export type Sessions = {
  /** The secret of the cookie. */
  begin(principal: Principal): { secret: string; principal: Principal }
  find(secret: string): Principal | null
  end(secret: string): void
}

export function createSessions(hours: number, now: () => number = Date.now): Sessions {
  // By hash: to look one up takes as long whatever was guessed.
  const sessions = new Map<string, Principal>()
  return {
    begin(principal) {
      const secret = randomBytes(32).toString('base64url')
      const endMs = now() + hours * hourMs
      const untilMs = Math.min(endMs, principal.untilMs ?? endMs)
      const begun: Principal = { ...principal, by: 'session', csrfKey: hashOf(secret), untilMs }
      for (const [key, { untilMs: over }] of sessions) if (over !== null && over <= now()) sessions.delete(key)
      const [oldest] = sessions.keys()
      if (sessions.size >= mostSessions && oldest !== undefined) sessions.delete(oldest)
      sessions.set(hashOf(secret), begun)
      return { secret, principal: begun }
    },
    find(secret) {
      const found = sessions.get(hashOf(secret))
      return found === undefined || found.untilMs! <= now() ? null : found
    },
    end: (secret) => void sessions.delete(hashOf(secret)),
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
