import {
  type CanonicalRequest,
  type Effort,
  type Format,
  type Losses,
  type Tool,
  type ToolChoice,
  type Turn,
  untranslatable,
} from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { dropAbsent } from '../json.ts'
import { isRecursive, relaxSchema, widthOf } from '../schema.ts'
import { asObjectSchema, distinctTools } from '../tool-definitions.ts'
import { writeTurns } from './write-turns.ts'

/** Ample for an answer, and within what every model of the dialect may generate but the first ones. */
const defaultMaxTokens = 16_384
const toolName = /^[\w-]{1,128}$/
const jsonInstruction = 'Answer with one JSON object and nothing else.'

/** A canonical request as messages say it. What the model takes of it is decided by the model rules. */
export function writeMessages(request: CanonicalRequest, losses: Losses): JsonObject {
  reportVerbosity(request.verbosity, losses)
  const { system, turns } = withInstruction(withQuestion(request, losses), losses)
  const tools = request.tools ?? toolsOfHistory(request.turns, losses)
  const hasTools = tools !== null && tools.length > 0
  return dropAbsent({
    model: request.model,
    max_tokens: request.maxTokens ?? inventMaxTokens(losses),
    system: writeSystem(system),
    messages: asked(writeTurns(turns, losses)),
    tools: hasTools ? distinctTools(tools, losses).map((tool) => writeTool(tool, losses)) : null,
    tool_choice: hasTools ? writeToolChoice(request, losses) : null,
    temperature: writeTemperature(request.temperature, losses),
    top_p: request.topP,
    top_k: request.topK,
    stop_sequences: writeStop(request.stop, losses),
    // Models that cannot be kept from thinking are left with the least effort.
    thinking: request.effort === 'none' ? { type: 'disabled' } : null,
    output_config: writeOutputConfig(request, losses),
    stream: request.stream ? true : null,
  })
}

function asked(messages: JsonObject[]): JsonObject[] {
  return messages.length > 0 ? messages : untranslatable('no message has any content')
}

function reportVerbosity(verbosity: string | null, losses: Losses): void {
  if (verbosity === null || verbosity === 'medium') return
  losses.add({
    parameter: 'verbosity',
    kind: 'dropped',
    severity: 'material',
    detail: 'the length of the answer cannot be asked for',
  })
}

function inventMaxTokens(losses: Losses): number {
  losses.add({
    parameter: 'max_tokens',
    kind: 'emulated',
    severity: 'minor',
    detail: `a limit is required and none was set: ${defaultMaxTokens}`,
  })
  return defaultMaxTokens
}

/** At least one message must be there: a prompt that is all system is asked by the user. */
function withQuestion(request: CanonicalRequest, losses: Losses): CanonicalRequest {
  if (request.turns.length > 0) return request
  const text = request.system.at(-1) ?? untranslatable('there are no messages')
  losses.add({
    parameter: 'messages.system',
    kind: 'emulated',
    severity: 'material',
    detail: 'a conversation of system messages only: the last one is asked by the user',
  })
  return { ...request, system: request.system.slice(0, -1), turns: [{ role: 'user', parts: [{ type: 'text', text }] }] }
}

function withInstruction(request: CanonicalRequest, losses: Losses): CanonicalRequest {
  if (request.format?.kind !== 'json_object') return request
  // Minor: where JSON mode is offered, the prompt itself has to ask for JSON already.
  losses.add({
    parameter: 'response_format',
    kind: 'emulated',
    severity: 'minor',
    detail: 'a JSON object is asked for by a sentence at the end of the system prompt',
  })
  return { ...request, system: [...request.system, jsonInstruction] }
}

function writeSystem(system: string[]): Json {
  const texts = system.filter((text) => text.trim() !== '')
  if (texts.length === 0) return null
  return texts.length === 1 ? texts[0]! : texts.map((text) => ({ type: 'text', text }))
}

/** Tool calls in the history are refused unless their tools are defined. */
function toolsOfHistory(turns: Turn[], losses: Losses): Tool[] | null {
  const calls = turns.flatMap((turn) => turn.parts).filter((part) => part.type === 'tool_call')
  if (calls.length === 0) return null
  losses.add({
    parameter: 'tools',
    kind: 'emulated',
    severity: 'minor',
    detail: 'the tools called earlier are defined by name, and may not be called',
  })
  const names = new Set(calls.map((call) => call.name))
  return [...names].map((name) => ({ name, description: null, schema: null, strict: false }))
}

function writeTool(tool: Tool, losses: Losses): JsonObject {
  if (tool.strict) reportLoose(losses)
  if (!toolName.test(tool.name)) untranslatable('the name of a tool has characters that are refused')
  const input_schema = asObjectSchema(tool.schema, losses)
  const { name, description } = tool
  return description === null ? { name, input_schema } : { name, description, input_schema }
}

/** Only schemas within narrow bounds may be held to strictly; a looser tool is still the same tool. */
function reportLoose(losses: Losses): void {
  losses.add({
    parameter: 'tools.strict',
    kind: 'dropped',
    severity: 'minor',
    detail: 'the arguments are not held to the schema while they are generated',
  })
}

function writeToolChoice(request: CanonicalRequest, losses: Losses): Json {
  const choice: ToolChoice | null = request.tools === null ? { kind: 'none' } : request.toolChoice
  const serial = request.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {}
  if (choice?.kind === 'none') {
    if (request.parallelToolCalls === false) reportSerial(losses)
    return { type: 'none' }
  }
  if (choice?.kind === 'required') return { type: 'any', ...serial }
  if (choice?.kind === 'named') return { type: 'tool', name: choice.name, ...serial }
  return choice === null && request.parallelToolCalls !== false ? null : { type: 'auto', ...serial }
}

function reportSerial(losses: Losses): void {
  losses.add({
    parameter: 'parallel_tool_calls',
    kind: 'dropped',
    severity: 'minor',
    detail: 'no tool may be called, so how many at a time is not said',
  })
}

function writeTemperature(temperature: number | null, losses: Losses): number | null {
  if (temperature === null || temperature <= 1) return temperature
  losses.add({ parameter: 'temperature', kind: 'clamped', severity: 'material', detail: `${temperature} became 1` })
  return 1
}

function writeStop(stop: string[] | null, losses: Losses): Json {
  if (stop === null) return null
  const kept = stop.filter((each) => each.trim() !== '')
  if (kept.length < stop.length) {
    losses.add({
      parameter: 'stop',
      kind: 'dropped',
      severity: 'material',
      detail: 'a stop string of blanks only is refused',
    })
  }
  return kept.length === 0 ? null : kept
}

function writeOutputConfig(request: CanonicalRequest, losses: Losses): Json {
  const format = request.format?.kind === 'json_schema' ? { format: writeFormat(request.format, losses) } : {}
  const effort = request.effort === null ? {} : { effort: writeEffort(request.effort, losses) }
  const config = { ...format, ...effort }
  return Object.keys(config).length === 0 ? null : config
}

function writeEffort(effort: Effort, losses: Losses): Effort {
  if (effort !== 'none' && effort !== 'minimal') return effort
  losses.add({ parameter: 'reasoning_effort', kind: 'clamped', severity: 'minor', detail: `${effort} became low` })
  return 'low'
}

function writeFormat(format: Extract<Format, { kind: 'json_schema' }>, losses: Losses): JsonObject {
  if (format.description !== null) {
    losses.add({
      parameter: 'response_format.description',
      kind: 'dropped',
      severity: 'material',
      detail: 'the description of the format, which the model reads, has no place',
    })
  }
  if (isRecursive(format.schema)) untranslatable('the format is a recursive JSON Schema')
  const isOpen = widthOf(format.schema) === 'open'
  losses.add({
    parameter: 'response_format',
    kind: 'emulated',
    severity: isOpen ? 'material' : 'minor',
    detail: isOpen
      ? 'objects with free keys are closed, so such keys cannot be answered'
      : 'the name of the format is gone, and bounds are not enforced while the answer is generated',
  })
  return { type: 'json_schema', schema: relaxSchema(format.schema) }
}
