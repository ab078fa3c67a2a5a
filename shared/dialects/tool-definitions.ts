import { isDeepStrictEqual } from 'node:util'
import { type Losses, type Tool, untranslatable } from './canonical.ts'
import { type JsonObject } from './dialect.ts'
import { list } from './json.ts'

/** Tools of distinct names: one that is told twice is told once. */
export function distinctTools(tools: Tool[], losses: Losses): Tool[] {
  const byName = new Map<string, Tool>()
  for (const tool of tools) {
    const known = byName.get(tool.name)
    if (known !== undefined && !isDeepStrictEqual(known, tool)) untranslatable('two different tools have one name')
    byName.set(tool.name, tool)
  }
  if (byName.size < tools.length) {
    losses.add({ parameter: 'tools', kind: 'dropped', severity: 'minor', detail: 'a tool that is defined twice' })
  }
  return [...byName.values()]
}

const choices = new Set(['anyOf', 'oneOf', 'allOf'])

/** The schema of a tool's arguments where it must be that of one object: only ever wider than the original. */
export function asObjectSchema(schema: JsonObject | null, losses: Losses): JsonObject {
  const kept: JsonObject = { type: 'object' }
  for (const name in schema) {
    if (name === 'type') {
      const type = schema[name]!
      if (type !== 'object' && !list(type).includes('object')) untranslatable('the arguments of a tool are no object')
    } else if (choices.has(name)) reportChoice(losses)
    else kept[name] = schema[name]!
  }
  return kept
}

function reportChoice(losses: Losses): void {
  losses.add({
    parameter: 'tools.parameters',
    kind: 'dropped',
    severity: 'material',
    detail: 'a choice between schemas is refused for the arguments as a whole',
  })
}
