import { type CanonicalRequest, type Losses, type Tool, untranslatable } from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, isObject, list, text, word } from '../json.ts'
import { readFormat, readTool, readToolChoice } from '../openai-chat/read.ts'
import { gatherOthers } from '../only-here.ts'
import { isStrictSchema } from '../schema.ts'
import { held } from '../unread.ts'
import { asBoolean, asEffort, asNumber, asText, createValueReader } from '../values.ts'
import { readInput } from './read-turns.ts'

/** Parameters the canonical form holds, that say how to transport the answer, or that stop a replay. */
const understood = new Set(
  (
    'model input instructions tools tool_choice parallel_tool_calls max_output_tokens temperature top_p text ' +
    'reasoning stream stream_options background previous_response_id conversation prompt'
  ).split(' '),
)

const inText = held('format verbosity')
const inReasoning = held('effort')

export function readResponses(body: JsonObject, losses: Losses): CanonicalRequest {
  const value = createValueReader(body, losses)
  const { system, turns } = readInput(value('instructions', asText) || null, field(body, 'input') ?? null, losses)
  const format = field(field(body, 'text'), 'format')
  const choice = field(body, 'tool_choice')
  return {
    model: word(field(body, 'model')),
    system,
    turns,
    tools: readTools(list(field(body, 'tools')), choice, losses),
    toolChoice: readToolChoice(field(choice, 'type') === 'allowed_tools' ? field(choice, 'mode') : choice, losses),
    parallelToolCalls: value('parallel_tool_calls', asBoolean),
    maxTokens: value('max_output_tokens', asNumber),
    temperature: value('temperature', asNumber),
    topP: value('top_p', asNumber),
    topK: null,
    stop: null,
    // The same words as in chat completions, one level higher.
    format: isObject(format) ? readFormat({ type: format['type'] ?? null, json_schema: format }, losses) : null,
    effort: value('reasoning.effort', asEffort),
    verbosity: value('text.verbosity', asText),
    stream: value('stream', asBoolean) ?? false,
    others: othersIn(body),
  }
}

function othersIn(body: JsonObject): Map<string, Json> {
  const others = gatherOthers(new Map(), body, understood)
  const [said, reasoning] = [field(body, 'text'), field(body, 'reasoning')]
  if (isObject(said)) gatherOthers(others, said, inText, 'text.')
  if (isObject(reasoning)) gatherOthers(others, reasoning, inReasoning, 'reasoning.')
  return others
}

/** Where nothing is said, a tool is strict if its schema allows it. */
function readResponsesTool(tool: Json, losses: Losses): Tool {
  const read = readTool(tool, losses)
  const isStrict =
    read.strict || (field(tool, 'strict') !== false && read.schema !== null && isStrictSchema(read.schema))
  return { ...read, strict: isStrict }
}

function readTools(tools: Json[], choice: Json | undefined, losses: Losses): Tool[] | null {
  if (tools.length === 0) return null
  if (tools.some((tool) => (text(field(tool, 'type')) ?? 'function') !== 'function')) {
    untranslatable('a tool is not a function')
  }
  const read = tools.map((tool) => readResponsesTool(tool, losses))
  if (field(choice, 'type') !== 'allowed_tools') return read
  losses.add({
    parameter: 'tool_choice.allowed_tools',
    kind: 'emulated',
    severity: 'minor',
    detail: 'only the allowed tools are offered',
  })
  const names = new Set(list(field(choice, 'tools')).map((each) => text(field(each, 'name'))))
  return read.filter((tool) => names.has(tool.name))
}
