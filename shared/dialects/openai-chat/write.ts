import {
  type CanonicalRequest,
  type DocumentPart,
  type Format,
  type ImagePart,
  type Losses,
  type Part,
  type TextPart,
  type Tool,
  type ToolChoice,
  type ToolResultPart,
  type Turn,
  untranslatable,
} from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { dropAbsent } from '../json.ts'
import { imageUrl } from '../media.ts'
import { isStrictSchema } from '../schema.ts'
import { distinctTools } from '../tool-definitions.ts'
import { mergeResults, pairTools } from '../tool-pairs.ts'

const maxStops = 4
const namePattern = /^[\w-]{1,64}$/

/** A canonical request as chat completions say it. What the model takes of it is decided by the model rules. */
export function writeChat(request: CanonicalRequest, losses: Losses): JsonObject {
  const paired = mergeResults(pairTools(withoutPrefill(request.turns, losses), losses))
  const messages = writeSystem(request.system)
  for (const turn of paired) {
    if (turn.role === 'assistant') messages.push(writeAssistant(turn.parts, losses))
    else writeTurn(turn, messages, losses)
  }
  reportUnsaid(request, losses)
  const hasTools = request.tools !== null && request.tools.length > 0
  return dropAbsent({
    model: request.model,
    messages,
    tools: hasTools ? distinctTools(request.tools!, losses).map((tool) => writeTool(tool, losses)) : null,
    tool_choice: hasTools && request.toolChoice !== null ? writeToolChoice(request.toolChoice) : null,
    parallel_tool_calls: hasTools ? request.parallelToolCalls : null,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stop: writeStop(request.stop, losses),
    response_format: request.format === null ? null : writeFormat(request.format, losses),
    reasoning_effort: request.effort,
    verbosity: request.verbosity,
    stream: request.stream ? true : null,
  })
}

/** One message, because the chat templates of compatible servers take no more. */
function writeSystem(system: string[]): JsonObject[] {
  return system.length === 0 ? [] : [{ role: 'system', content: system.join('\n\n') }]
}

export function reportUnsaid(request: CanonicalRequest, losses: Losses): void {
  if (request.system.length > 1) {
    losses.add({ parameter: 'system', kind: 'renamed', severity: 'minor', detail: 'its blocks stand in one message' })
  }
  if (request.topK !== null) {
    losses.add({ parameter: 'top_k', kind: 'dropped', severity: 'material', detail: 'there is no such parameter' })
  }
}

/** A last assistant message is an answer already given here, not the beginning of one. */
export function withoutPrefill(turns: Turn[], losses: Losses): Turn[] {
  const last = turns.findLastIndex((turn) => turn.role !== 'assistant')
  if (last === turns.length - 1 || last === -1) return turns
  losses.add({
    parameter: 'messages.prefill',
    kind: 'dropped',
    severity: 'material',
    detail: 'the beginning of the answer, written by the caller, cannot be given',
  })
  return turns.slice(0, last + 1)
}

/** Results first, each a message of its own; then what is said, unless there are results only. */
function writeTurn({ role, parts }: Turn, messages: JsonObject[], losses: Losses): void {
  const spoken: Part[] = []
  for (const part of parts) {
    if (part.type !== 'tool_result') continue
    messages.push(writeResult(part, losses))
    for (const media of part.content) {
      if (media.type === 'text') continue
      reportResultMedia(media.type, losses)
      spoken.push(media)
    }
  }
  for (const part of parts) if (part.type !== 'tool_result') spoken.push(part)
  if (spoken.length > 0 || parts.length === 0) messages.push({ role, content: writeContent(spoken, losses) })
}

function reportResultMedia(type: 'image' | 'document', losses: Losses): void {
  losses.add({
    parameter: `messages.tool_result.${type}`,
    kind: 'emulated',
    severity: 'minor',
    detail: 'what a tool gave back besides text follows in a message of the user',
  })
}

function writeContent(parts: Part[], losses: Losses): Json {
  const [first] = parts
  if (parts.length === 0) return ''
  if (parts.length === 1 && first?.type === 'text') return first.text
  return parts.flatMap((part) =>
    part.type === 'tool_call' || part.type === 'tool_result' ? [] : [writePart(part, losses)],
  )
}

function writePart(part: TextPart | ImagePart | DocumentPart, losses: Losses): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'image')
    return {
      type: 'image_url',
      image_url: { url: imageUrl(part), ...(part.detail === null ? {} : { detail: part.detail }) },
    }
  if ('url' in part.source) return untranslatable('a file by its URL cannot be said in chat completions')
  const file_data = `data:application/pdf;base64,${part.source.data}`
  return { type: 'file', file: { filename: fileName(part, losses), file_data } }
}

/** A file must have a name, and the model is told it. */
export function fileName({ name }: DocumentPart, losses: Losses): string {
  if (name !== null) return name
  losses.add({
    parameter: 'messages.document.title',
    kind: 'emulated',
    severity: 'minor',
    detail: 'a file must have a name: document.pdf',
  })
  return 'document.pdf'
}

function writeAssistant(parts: Part[], losses: Losses): JsonObject {
  const calls = parts.filter((part) => part.type === 'tool_call')
  const spoken = parts.filter((part) => part.type !== 'tool_call')
  const message: JsonObject = { role: 'assistant', content: spoken.length === 0 ? null : writeContent(spoken, losses) }
  if (calls.length === 0) return spoken.length === 0 ? { ...message, content: '' } : message
  const tool_calls = calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.argumentsText },
  }))
  return { ...message, tool_calls }
}

function writeResult(result: ToolResultPart, losses: Losses): JsonObject {
  const texts: Part[] = result.content.filter((part) => part.type === 'text')
  if (result.isError) texts.unshift(toldFailure(losses))
  return { role: 'tool', tool_call_id: result.callId, content: writeContent(texts, losses) }
}

/** No field says that a tool failed. */
export function toldFailure(losses: Losses): TextPart {
  losses.add({
    parameter: 'messages.tool_result.is_error',
    kind: 'emulated',
    severity: 'minor',
    detail: 'that a tool failed is said in words before its result',
  })
  return { type: 'text', text: 'The tool failed:' }
}

function writeTool(tool: Tool, losses: Losses): JsonObject {
  const description = tool.description === null ? {} : { description: tool.description }
  const parameters = tool.schema === null ? {} : { parameters: tool.schema }
  return {
    type: 'function',
    function: { name: toolName(tool), ...description, ...parameters, ...strictly(tool, losses) },
  }
}

export function toolName({ name }: Tool): string {
  return namePattern.test(name)
    ? name
    : untranslatable('a tool has a name that is refused: 1 to 64 letters, digits, _, -')
}

/** Strictness is refused unless the schema closes every object and requires every property. */
export function strictly(tool: Tool, losses: Losses): { strict?: true } {
  if (!tool.strict) return {}
  if (tool.schema !== null && isStrictSchema(tool.schema)) return { strict: true }
  losses.add({
    parameter: 'tools.strict',
    kind: 'dropped',
    severity: 'minor',
    detail: 'the schema leaves properties optional, so the arguments are not held to it while they are generated',
  })
  return {}
}

function writeToolChoice(choice: ToolChoice): Json {
  return choice.kind === 'named' ? { type: 'function', function: { name: choice.name } } : choice.kind
}

function writeStop(stop: string[] | null, losses: Losses): Json {
  if (stop === null || stop.length === 0) return null
  if (stop.length > maxStops) {
    losses.add({
      parameter: 'stop_sequences',
      kind: 'clamped',
      severity: 'material',
      detail: `only the first ${maxStops} of ${stop.length} stop strings are kept`,
    })
  }
  return stop.slice(0, maxStops)
}

function writeFormat(format: Format, losses: Losses): JsonObject {
  if (format.kind === 'json_object') return { type: 'json_object' }
  return { type: 'json_schema', json_schema: writeSchemaFormat(format, losses) }
}

export function writeSchemaFormat(format: Extract<Format, { kind: 'json_schema' }>, losses: Losses): JsonObject {
  const strict = format.strict && isStrictSchema(format.schema)
  if (format.strict && !strict) {
    losses.add({
      parameter: 'output_config.format',
      kind: 'emulated',
      severity: 'minor',
      detail: 'the schema leaves properties optional, so the answer is not held to it while it is generated',
    })
  }
  const description = format.description === null ? {} : { description: format.description }
  return { name: format.name ?? 'answer', ...description, schema: format.schema, strict }
}
