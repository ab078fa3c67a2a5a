import { isObject } from '../dialects/json.ts'
import { sha256Hex } from '../ids.ts'

/** What can be erased: ids as they are stored. */
export type Subject = { kind: 'exchange' | 'conversation' | 'tenant'; id: string }

/** Whom a record is about, as far as it says so. `counted`: what the ledger counts it under, where it is an exchange's own record. */
export type About = {
  exchangeId: string | null
  conversationId: string | null
  tenantId: string | null
  capturedAt: string | null
  counted: { upstream: string; route: string; source: string } | null
}

/** Any record of any topic, as JSON; null where it is about no exchange, or cannot be read. */
export function aboutOf(json: string): About | null {
  try {
    return aboutOfRecord(JSON.parse(json))
  } catch {
    return null
  }
}

function aboutOfRecord(record: unknown): About | null {
  if (!isObject(record)) return null
  if (isObject(record['exchange'])) return { ...aboutOfExchange(record['exchange']), counted: null }
  if (typeof record['exchangeId'] === 'string') return aboutOfExchange(record)
  return null
}

function aboutOfExchange(fields: Record<string, unknown>): About {
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null)
  const [upstream, route, source] = [text('upstream'), text('route'), text('source')]
  return {
    exchangeId: text('exchangeId'),
    conversationId: text('conversationId'),
    tenantId: text('tenantId'),
    capturedAt: text('capturedAt'),
    // Of all records only an exchange's own has a source.
    counted: upstream !== null && route !== null && source !== null ? { upstream, route, source } : null,
  }
}

export function subjectsOf({ exchangeId, conversationId, tenantId }: About): Subject[] {
  const subjects: Subject[] = []
  if (exchangeId !== null) subjects.push({ kind: 'exchange', id: exchangeId })
  if (conversationId !== null) subjects.push({ kind: 'conversation', id: conversationId })
  if (tenantId !== null) subjects.push({ kind: 'tenant', id: tenantId })
  return subjects
}

export type IsMeant = (about: About) => boolean

/** Is a record about one of these? */
export function meaning(subjects: readonly Subject[]): IsMeant {
  const meant = new Set(subjects.map(hashOf))
  return (about) => subjectsOf(about).some((subject) => meant.has(hashOf(subject)))
}

/** What the erasure list keeps instead of an id. Half of SHA-256 is enough to tell ids apart. */
export function hashOf({ kind, id }: Subject): string {
  return sha256Hex(`understudy/erasure/1\0${kind}\0${id}`).slice(0, 32)
}
