import { createHash, timingSafeEqual } from 'node:crypto'
import { type AccessConfig } from '../../../shared/config/schema.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type AccessRole } from './principal.ts'

export type Holder = { name: string; role: AccessRole; untilMs: number | null }

/** Who holds this token; null: nobody. */
export type HolderOf = (token: string) => Holder | null

const leastChars = 24
const dayMs = 86_400_000

/** Reads every token once. CONFIG_INVALID: a variable is not set, too short to be a secret, or that of another token. */
export function readTokens(
  tokens: AccessConfig['tokens'],
  env: Readonly<Record<string, string | undefined>>,
): HolderOf {
  const held = tokens.map(({ name, fromEnv, role, expires }) => {
    const token = (env[fromEnv] ?? '').trim()
    if (token.length < leastChars) throw unusable(name, fromEnv, token === '' ? 'is not set' : 'is too short')
    const untilMs = expires === undefined ? null : Date.parse(expires) + dayMs
    return { holder: { name, role, untilMs }, digest: digestOf(token), fromEnv }
  })
  for (const [index, { holder, digest, fromEnv }] of held.entries()) {
    const first = held.findIndex((other) => other.digest.equals(digest))
    if (first < index) throw unusable(holder.name, fromEnv, `holds the token of ${held[first]!.holder.name}`)
  }
  return (token) => {
    const given = digestOf(token)
    // Every one is compared, and hashes of one length: how long it takes says nothing of any token.
    const [found] = held.filter(({ digest }) => timingSafeEqual(digest, given))
    return found?.holder ?? null
  }
}

function unusable(name: string, fromEnv: string, what: string): UnderstudyError {
  const cure = `set it to ${leastChars} characters or more, its own for each: openssl rand -base64 32`
  return new UnderstudyError(
    'CONFIG_INVALID',
    `report.access.tokens: ${fromEnv}, the token of ${name}, ${what}: ${cure}`,
  )
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()
