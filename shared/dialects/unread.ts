import { type Losses } from './canonical.ts'
import { type Json } from './dialect.ts'
import { isObject } from './json.ts'

/** Members the canonical form holds, that are reported where they are read, or that say nothing to a model. */
export type Held = ReadonlySet<string>

export function held(names: string): Held {
  return new Set(names.split(' '))
}

const caching = 'prompt caching cannot be asked for; it changes cost and latency, not the answer'
const foreignReasoning = 'the reasoning of another model is never sent on'

/** Members that hardly matter to the next answer. One nobody knows is material: it may mean anything. */
const minor = new Map([
  ['cache_control', caching],
  ['prompt_cache_breakpoint', caching],
  ['annotations', 'the citations of earlier answers; their text is kept'],
  ['phase', 'commentary and final answers are not told apart; their text is kept'],
  ['reasoning_details', foreignReasoning],
  ['extra_content', foreignReasoning],
  ['eager_input_streaming', 'when a tool is told of changes nothing it is told'],
  ['defer_loading', 'all tools are told of at once'],
  ['allowed_callers', 'tools are called by the model only'],
  ['caller', 'tools are called by the model only'],
])

/** Reports what an object of the recorded request says beyond what is held; `place` stands before the names. */
export function reportUnread(object: Json | undefined, place: string, isHeld: Held, losses: Losses): void {
  if (!isObject(object)) return
  for (const name in object) {
    if (isHeld.has(name) || saysNothing(object[name]!)) continue
    // Marks for a cache stand on anything and mean the same everywhere.
    const parameter = name === 'cache_control' ? name : `${place}.${name.slice(0, 40)}`
    const why = minor.get(name)
    losses.add({
      parameter,
      kind: 'dropped',
      severity: why === undefined ? 'material' : 'minor',
      detail: why ?? 'has no counterpart',
    })
  }
}

/** No value, or one that says no more than its absence. */
export function saysNothing(value: Json): boolean {
  return value === null || value === false || value === '' || (Array.isArray(value) && value.length === 0)
}
