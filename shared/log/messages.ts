import { z } from 'zod'
import { UnderstudyError } from '../errors.ts'

/** A message schema: an object whose `version` lists the versions this program can read. */
export type MessageSchema = z.ZodObject<{ version: z.ZodLiteral<number> }>

/** Refuses what its own readers would refuse, so that a mistake surfaces in the stage that made it. */
export function encodeMessage<Schema extends MessageSchema>(schema: Schema, value: z.input<Schema>): string {
  return JSON.stringify(checked(schema, value))
}

/** Throws MESSAGE_MALFORMED or MESSAGE_VERSION_UNKNOWN, whose messages never hold a piece of the payload. */
export function decodeMessage<Schema extends MessageSchema>(
  schema: Schema,
  value: Uint8Array | string,
): z.output<Schema> {
  const message = parseJson(value)
  refuseNewerVersion(schema, message)
  return checked(schema, message)
}

function parseJson(value: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof value === 'string' ? value : new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch {
    // No cause: the parser's own message quotes the text it could not read.
    throw malformed('not JSON in UTF-8')
  }
}

function refuseNewerVersion(schema: MessageSchema, message: unknown): void {
  const known = Math.max(...schema.shape.version.values)
  const version = typeof message === 'object' && message !== null && 'version' in message ? message.version : undefined
  if (typeof version !== 'number' || version <= known) return
  throw new UnderstudyError(
    'MESSAGE_VERSION_UNKNOWN',
    `The message has version ${version}, this stage reads up to ${known}: upgrade this stage first, then send it again.`,
  )
}

function checked<Schema extends MessageSchema>(schema: Schema, message: unknown): z.output<Schema> {
  const result = safeParse(schema, message)
  if (result.success) return result.data
  throw malformed(
    result.error.issues
      .slice(0, 3)
      .map((issue) => `${pathOf(schema, issue.path)}: ${expectation(issue)}`)
      .join('; '),
  )
}

function safeParse<Schema extends MessageSchema>(schema: Schema, message: unknown) {
  try {
    return schema.safeParse(message)
  } catch {
    // A recursive schema on a very deep value overflows the stack instead of reporting an issue.
    throw malformed('nested too deeply')
  }
}

function malformed(what: string): UnderstudyError {
  return new UnderstudyError(
    'MESSAGE_MALFORMED',
    `The message does not have the agreed shape (${what}): correct what wrote it and publish it again.`,
  )
}

/** Names that the schema does not declare come from the payload and are shown as `*`. */
function pathOf(schema: MessageSchema, path: PropertyKey[]): string {
  const names = declaredNames(schema)
  const parts = path.map((part) => (typeof part === 'number' || names.has(String(part)) ? String(part) : '*'))
  return parts.join('.') || 'message'
}

/** Built from the schema's own words, never from zod's sentence, which may quote the input. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
  if (issue.code === 'invalid_format') return `expected the format ${issue.format}`
  if (issue.code === 'too_small') return `expected at least ${issue.minimum}`
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`
  return issue.code.replaceAll('_', ' ')
}

const namesOf = new WeakMap<MessageSchema, Set<string>>()

function declaredNames(schema: MessageSchema): Set<string> {
  const known = namesOf.get(schema)
  if (known) return known
  const names = new Set<string>()
  collectNames(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), names)
  namesOf.set(schema, names)
  return names
}

function collectNames(node: unknown, names: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
    for (const name of Object.keys(node.properties)) names.add(name)
  }
  for (const child of Object.values(node)) collectNames(child, names)
}
