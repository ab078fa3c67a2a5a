import { z } from 'zod'
import { ErrorAnswer } from '../../../shared/contracts/session.ts'
import { named, type Operation, operations } from './operations.ts'

type Json = Record<string, unknown>

const inComponents = '#/components/schemas/'

/** OpenAPI 3.1 of everything that can be asked, made from the schemas that answers are made by. */
export function openapiDocument(): Json {
  const schemas = componentSchemas()
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: operationOf(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Understudy report',
      version: '1',
      description:
        'Every answer has `version: 1`. An error is `{ error: { code, message } }`; the message says what to do.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'understudy_session' },
      },
    },
  }
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...named, ErrorAnswer })) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `${inComponents}${id}` })
  // Parts that refer to themselves have no name: they are put beside the others.
  const { __shared: shared, ...own } = schemas as Record<string, Json>
  return bare({ ...own, ...(shared?.['$defs'] as Json | undefined) }) as Json
}

/** References as they are from within the document; what says which schema language it is stands at its head. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '$schema' && key !== '$id')
      .map(([key, each]) => [
        key,
        key === '$ref' ? String(each).replace(`${inComponents}__shared#/$defs/`, inComponents) : bare(each),
      ]),
  )
}

function operationOf({ path, summary, role, query, body, answers }: Operation): Json {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const refused = { description: 'an error, with its cure', content: contentOf('application/json', ErrorAnswer) }
  return {
    summary,
    description: role === null ? 'Anybody may.' : `Needs the role ${role}.`,
    security: role === null ? [] : [{ token: [] }, { session: [] }],
    parameters: [...inPath, ...(query === undefined ? [] : queryParameters(query))],
    ...(body && { requestBody: { required: true, content: contentOf(body.type, body.schema) } }),
    responses: {
      ...Object.fromEntries(
        answers.map(({ status, type, schema, words }) => [
          String(status),
          { description: words, ...(type && schema && { content: contentOf(type, schema) }) },
        ]),
      ),
      default: refused,
    },
  }
}

function contentOf(type: string, schema: z.ZodType): Json {
  return { [type]: { schema: schemaOf(schema) } }
}

/** By name, where it has one. */
function schemaOf(schema: z.ZodType): unknown {
  const [name] = Object.entries({ ...named, ErrorAnswer }).find(([, each]) => each === schema) ?? []
  return name === undefined ? bare(inlined(schema, 'output')) : { $ref: `${inComponents}${name}` }
}

/** A part that refers to itself (any JSON) would need a place of its own: it is anything. */
function inlined(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $defs: _parts, ...whole } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return withoutReferences(whole) as Json
}

function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences)
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value) return {}
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutReferences(each)]))
}

function queryParameters(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = inlined(query, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: bare(schema),
  }))
}
