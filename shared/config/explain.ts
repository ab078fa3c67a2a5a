import { type z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import { cureFor, expectationOf } from './expectation.ts'
import { configJsonSchema, schemasAt, type SchemaNode } from './json-schema.ts'
import { type Mistake } from './mistakes.ts'
import { type YamlSource } from './yaml-source.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** What zod found, as mistakes a person can cure. Issues must come from a parse whose default messages are empty. */
export function explainIssues(issues: readonly Issue[], source: YamlSource): Mistake[] {
  const schema = configJsonSchema()
  return issues.flatMap((issue) => explain(issue, issue.path, { schema, source }))
}

type Context = { schema: SchemaNode; source: YamlSource }

function explain(issue: Issue, path: Path, context: Context): Mistake[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, context))
    case 'invalid_union':
      return explainUnion(issue.errors, path, context)
    case 'invalid_key':
      return [mistakeAt(path, issue.issues.map((nested) => nested.message).join(', '), context)]
    default:
      return [mistakeAt(path, wordsOf(issue, path, context), context)]
  }
}

function mistakeAt(path: Path, message: string, { source }: Context): Mistake {
  return { line: source.lineOf(path), path, message }
}

function unknownKey(key: string, path: Path, context: Context): Mistake {
  const known = schemasAt(context.schema, path).flatMap((node) => Object.keys(node.properties ?? {}))
  const near = didYouMean(key, known)
  const cure = near === null ? `known here: ${[...new Set(known)].join(', ')}` : `did you mean ${near}?`
  return mistakeAt([...path, key], `unknown key: ${cure}`, context)
}

/** Speaks of the alternative that was most likely meant, not of all of them. */
function explainUnion(branches: readonly (readonly Issue[])[], path: Path, context: Context): Mistake[] {
  const meant = branches.toSorted((a, b) => distanceFrom(a) - distanceFrom(b))[0]
  if (valueAt(context.source.data, path) === undefined) return [mistakeAt(path, missing(path, context), context)]
  if (meant === undefined || distanceFrom(meant) >= notEvenTheType) {
    const isMissing = valueAt(context.source.data, path) === undefined
    return [mistakeAt(path, isMissing ? missing(path, context) : wrongType(path, context), context)]
  }
  const mistakes = meant.flatMap((issue) => explain(issue, [...path, ...issue.path], context))
  const misspelt = mistakes.filter((mistake) => mistake.message.includes('did you mean'))
  // `embeded` is one mistake, not an unknown key and a missing one.
  return misspelt.length > 0 ? mistakes.filter((mistake) => !mistake.message.startsWith('missing')) : mistakes
}

const notEvenTheType = 1000

function distanceFrom(issues: readonly Issue[]): number {
  const atRoot = issues.filter((issue) => issue.path.length === 0)
  const foreignKeys = atRoot.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
  const wrongType = atRoot.some((issue) => issue.code !== 'unrecognized_keys')
  return (wrongType ? notEvenTheType : 0) + foreignKeys.length
}

function wordsOf(issue: Issue, path: Path, context: Context): string {
  if (valueAt(context.source.data, path) === undefined) return missing(path, context)
  const own = issue.message === '' ? null : issue.message
  switch (issue.code) {
    case 'invalid_format':
      return `${own ?? 'not in the expected form'}, got ${shown(path, context)}`
    case 'too_small':
    case 'too_big':
      return own ?? outOfRange(issue, path, context)
    case 'custom':
      return own ?? wrongType(path, context)
    default:
      return wrongType(path, context)
  }
}

function missing(path: Path, { schema }: Context): string {
  return `missing: expected ${expectationOf(schemasAt(schema, path), String(path.at(-1)))}`
}

function wrongType(path: Path, context: Context): string {
  const [nodes, key] = [schemasAt(context.schema, path), String(path.at(-1))]
  const hidden = isSecret(path) || context.source.writtenAt(path) !== null
  const cure = hidden ? null : cureFor(valueAt(context.source.data, path), nodes, key)
  const got = `expected ${expectationOf(nodes, key)}, got ${shown(path, context)}`
  return cure === null ? got : `${got}: ${cure}`
}

type Range = Extract<Issue, { code: 'too_small' | 'too_big' }>

function outOfRange(issue: Range, path: Path, context: Context): string {
  const [limit, word] =
    issue.code === 'too_small'
      ? [issue.minimum, issue.inclusive ? 'at least' : 'more than']
      : [issue.maximum, issue.inclusive ? 'at most' : 'less than']
  if (issue.origin === 'array') return `expected ${word} ${limit} item, got none`
  if (issue.origin === 'string') return 'expected text, got none'
  return `expected ${word} ${limit}, got ${shown(path, context)}`
}

/** The value as it may be printed: variables by name, secrets not at all, passwords in URLs masked. */
function shown(path: Path, { source }: Context): string {
  const value = valueAt(source.data, path)
  if (isSecret(path)) return 'a value that is not shown'
  const written = source.writtenAt(path)
  if (written !== null) return JSON.stringify(written)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  const text = value === null ? 'nothing' : JSON.stringify(value)
  return text.replace(/\/\/[^/@\s]*@/, '//…@').slice(0, 80)
}

function isSecret(path: Path): boolean {
  return path.some((key) => /key|password|secret|token$/i.test(String(key)))
}

export function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
