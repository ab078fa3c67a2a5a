import { z } from 'zod'

/** Words of a request; an empty one is refused where `text` is said. */
export const text = z.string().min(1)
export const json = z.record(z.string(), z.unknown())
export const toolName = z.string().regex(/^[\w-]{1,64}$/)

export const metadata = z.record(z.string().max(64), z.string().max(512)).refine((all) => Object.keys(all).length <= 16)

type Problem = string | null

/** The first thing that is wrong with a value: `messages.0.role: …`. */
export function misshapen(shape: z.ZodType, value: unknown): Problem {
  const read = shape.safeParse(value)
  if (read.success) return null
  const issue = read.error.issues[0]!
  return `${issue.path.join('.') || 'body'}: ${messageOf(issue)}`
}

/** A union says only that no member fits; the member that came furthest says why. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message
  const inner = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0]
  return inner === undefined ? issue.message : `${inner.path.join('.')}: ${messageOf(inner)}`
}

/** The first problem that any of the checks finds. */
export function firstProblem(...checks: (() => Problem)[]): Problem {
  for (const check of checks) {
    const problem = check()
    if (problem !== null) return problem
  }
  return null
}

/** Strict structured output: an object, each of whose objects is closed and requires all of its properties. */
export function looseObject(schema: unknown): boolean {
  const { type, anyOf } = schema as Record<string, unknown>
  return type !== 'object' || anyOf !== undefined || isLoose(schema)
}

const notStrict = ['oneOf', 'allOf', 'not', 'if', 'patternProperties', 'uniqueItems', 'minLength', 'maxLength']

function isLoose(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(isLoose)
  if (typeof schema !== 'object' || schema === null) return false
  const { properties, required, additionalProperties, type } = schema as Record<string, unknown>
  if (type === 'object' || properties !== undefined) {
    const names = Object.keys(properties ?? {})
    const all = Array.isArray(required) && names.every((name) => required.includes(name))
    if (additionalProperties !== false || (names.length > 0 && !all)) return true
  }
  return Object.entries(schema).some(([key, value]) => {
    if (['properties', '$defs', 'definitions'].includes(key)) return Object.values(value as object).some(isLoose)
    return notStrict.includes(key) || (!['enum', 'const', 'default'].includes(key) && isLoose(value))
  })
}
