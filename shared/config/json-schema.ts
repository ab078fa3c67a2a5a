import { z } from 'zod'
import { Config } from './schema.ts'

/** The part of a JSON Schema that describes one value of the config. */
export type SchemaNode = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: SchemaNode[]
  properties?: Record<string, SchemaNode>
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
}

/** JSON Schema (draft 2020-12) of `understudy.yaml`, for editors and for the wording of mistakes. */
export function configJsonSchema(): SchemaNode & Record<string, unknown> {
  const schema = z.toJSONSchema(Config, { io: 'input' })
  return { ...(schema as SchemaNode), title: 'understudy.yaml' }
}

/** Every schema that may apply at `path`: more than one behind an `anyOf`. */
export function schemasAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode[] {
  let nodes = branchesOf(root)
  for (const key of path) nodes = nodes.flatMap((node) => branchesOf(childOf(node, key)))
  return nodes
}

function branchesOf(node: SchemaNode | undefined): SchemaNode[] {
  if (node === undefined) return []
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(branchesOf)
}

function childOf(node: SchemaNode, key: PropertyKey): SchemaNode | undefined {
  if (typeof key === 'number') return node.items
  const declared = node.properties?.[String(key)]
  if (declared !== undefined) return declared
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
}
