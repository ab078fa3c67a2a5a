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
import {
  fileName,
  reportUnsaid,
  strictly,
  toldFailure,
  toolName,
  withoutPrefill,
  writeSchemaFormat,
} from '../openai-chat/write.ts'
import { distinctTools } from '../tool-definitions.ts'
import { pairTools } from '../tool-pairs.ts'

/** Fewer are refused. */
const fewestTokens = 16

/** A canonical request as Responses say it. What the model takes of it is decided by the model rules. */
export function writeResponses(request: CanonicalRequest, losses: Losses): JsonObject {
  const turns = pairTools(withoutPrefill(request.turns, losses), losses)
  const { system } = request
  reportUnsaid(request, losses)
  if (request.stop !== null && request.stop.length > 0) reportStop(losses)
  const tools = request.tools ?? []
  const hasTools = tools.length > 0
  return dropAbsent({
    model: request.model,
    instructions: turns.length === 0 || system.length === 0 ? null : system.join('\n\n'),
    // Something must be asked: where there is no turn, the system prompt is the input.
    input: turns.length === 0 ? asItems(system) : writeTurns(turns, losses),
    tools: hasTools ? distinctTools(tools, losses).map((tool) => writeTool(tool, losses)) : null,
    tool_choice: hasTools && request.toolChoice !== null ? writeToolChoice(request.toolChoice) : null,
    parallel_tool_calls: hasTools ? request.parallelToolCalls : null,
    max_output_tokens: writeLimit(request.maxTokens, losses),
    temperature: request.temperature,
    top_p: request.topP,
    text: writeText(request, losses),
    reasoning: request.effort === null ? null : { effort: request.effort },
    stream: request.stream ? true : null,
  })
}

function asItems(system: string[]): JsonObject[] {
  if (system.length === 0) untranslatable('there are no messages')
  return system.map((content) => ({ role: 'system', content }))
}

function reportStop(losses: Losses): void {
  losses.add({
    parameter: 'stop',
    kind: 'dropped',
    severity: 'material',
    detail: 'Responses have no stop strings, so the answer goes on behind them',
  })
}

function writeLimit(maxTokens: number | null, losses: Losses): number | null {
  if (maxTokens === null || maxTokens >= fewestTokens) return maxTokens
  losses.add({
    parameter: 'max_tokens',
    kind: 'clamped',
    severity: 'material',
    detail: `a limit below ${fewestTokens} tokens is refused: ${fewestTokens}`,
  })
  return fewestTokens
}

function writeText({ format, verbosity }: CanonicalRequest, losses: Losses): Json {
  const text = dropAbsent({ format: format === null ? null : writeFormat(format, losses), verbosity })
  return Object.keys(text).length === 0 ? null : text
}

function writeFormat(format: Format, losses: Losses): JsonObject {
  return format.kind === 'json_object'
    ? { type: 'json_object' }
    : { type: 'json_schema', ...writeSchemaFormat(format, losses) }
}

function writeTurns(turns: Turn[], losses: Losses): JsonObject[] {
  const items: JsonObject[] = []
  for (const turn of turns) {
    if (turn.role === 'assistant') writeAssistant(turn.parts, items)
    else writeOther(turn, items, losses)
  }
  return items
}

/** Results first, each an item of its own; then what is said, unless there are results only. */
function writeOther({ role, parts }: Turn, items: JsonObject[], losses: Losses): void {
  const spoken: Part[] = []
  for (const part of parts) {
    if (part.type === 'tool_result') items.push(writeResult(part, losses))
    else spoken.push(part)
  }
  if (spoken.length > 0 || parts.length === 0) items.push({ role, content: writeContent(spoken, losses) })
}

/** Words and calls are items of their own. */
function writeAssistant(parts: Part[], items: JsonObject[]): void {
  const said = parts.filter((part) => part.type !== 'tool_call')
  if (said.length > 0 || parts.length === 0) items.push({ role: 'assistant', content: writeSaid(said) })
  for (const part of parts) {
    if (part.type !== 'tool_call') continue
    items.push({ type: 'function_call', call_id: part.id, name: part.name, arguments: part.argumentsText })
  }
}

/** What an assistant said is text only, of a type of its own. */
function writeSaid(parts: Part[]): Json {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return texts.length === 1 ? texts[0]! : texts.map((text) => ({ type: 'output_text', text }))
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
  if (part.type === 'text') return { type: 'input_text', text: part.text }
  if (part.type === 'image') return { type: 'input_image', image_url: imageUrl(part), detail: part.detail ?? 'auto' }
  if ('url' in part.source) return writeLink(part.source.url, part.name, losses)
  const file_data = `data:application/pdf;base64,${part.source.data}`
  return { type: 'input_file', filename: fileName(part, losses), file_data }
}

/** A file that is fetched has the name its address gives it. */
function writeLink(url: string, name: string | null, losses: Losses): JsonObject {
  if (name !== null) {
    losses.add({
      parameter: 'messages.document.title',
      kind: 'dropped',
      severity: 'minor',
      detail: 'a file by its URL has the name its address gives it',
    })
  }
  return { type: 'input_file', file_url: url }
}

function writeResult(result: ToolResultPart, losses: Losses): JsonObject {
  const content: Part[] = result.isError ? [toldFailure(losses), ...result.content] : result.content
  return { type: 'function_call_output', call_id: result.callId, output: writeContent(content, losses) }
}

/** Tools are held to strictly unless that is denied. */
function writeTool(tool: Tool, losses: Losses): JsonObject {
  return {
    type: 'function',
    name: toolName(tool),
    ...(tool.description === null ? {} : { description: tool.description }),
    parameters: tool.schema ?? { type: 'object', properties: {} },
    strict: false,
    ...strictly(tool, losses),
  }
}

function writeToolChoice(choice: ToolChoice): Json {
  return choice.kind === 'named' ? { type: 'function', name: choice.name } : choice.kind
}
