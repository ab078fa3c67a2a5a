import {
  type CanonicalRequest,
  type Effort,
  type Format,
  type Losses,
  type Tool,
  type ToolChoice,
  notReplayable,
  untranslatable,
} from '../canonical.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { field, isObject, list, text, word } from '../json.ts'
import { gatherOthers } from '../only-here.ts'
import { held, reportUnread } from '../unread.ts'
import { asBoolean, asEffort, asNumber, asTexts, createValueReader } from '../values.ts'
import { effortOf } from './thinking-budget.ts'
import { readSystem, readTurns, reportCacheControl } from './read-turns.ts'

const understood = new Set(
  (
    'model messages system tools tool_choice max_tokens temperature top_p top_k ' +
    'stop_sequences stream output_config output_format thinking'
  ).split(' '),
)
const customTool = new Set([null, 'custom'])
/** Tools Anthropic defines and the client runs: replayed as they are, but no other vendor knows them. */
const clientTool = /^(bash|text_editor|computer|memory|browser)_/
const inTool = held('type name description input_schema strict cache_control')
const inChoice = held('type name disable_parallel_tool_use')
const inFormat = held('type schema')
const inConfig = held('format effort')
const inThinking = held('type budget_tokens display')

/** Calls that must not be made again, whatever the target: they act, or name what only their account can see. */
export function checkMessagesReplayable(body: JsonObject): void {
  if (list(field(body, 'mcp_servers')).length > 0) notReplayable('the call uses MCP servers')
  if (field(body, 'container')) notReplayable('the call runs in a container at the provider')
  if (field(body, 'max_tokens') === 0) notReplayable('the call only warms the prompt cache (max_tokens is 0)')
  for (const tool of list(field(body, 'tools'))) {
    const type = text(field(tool, 'type'))
    if (!customTool.has(type) && !clientTool.test(type ?? '')) notReplayable('a tool runs at the provider')
  }
  for (const message of list(field(body, 'messages'))) {
    for (const block of list(field(message, 'content'))) {
      checkFile(block)
      for (const inner of list(field(block, 'content'))) checkFile(inner)
    }
  }
}

function checkFile(block: Json): void {
  const isFile = field(field(block, 'source'), 'type') === 'file' || field(block, 'type') === 'container_upload'
  if (isFile) notReplayable('a file is named by its id at the provider')
}

export function readMessages(body: JsonObject, losses: Losses): CanonicalRequest {
  const messages = field(body, 'messages')
  if (!Array.isArray(messages)) untranslatable('the body has no list of messages')
  const value = createValueReader(body, losses)
  const choice = field(body, 'tool_choice')
  const config = field(body, 'output_config')
  const others = gatherOthers(new Map(), body, understood)
  const tools = list(field(body, 'tools'))
  return {
    model: word(field(body, 'model')),
    system: readSystem(field(body, 'system'), losses),
    turns: readTurns(messages, losses),
    tools: tools.length === 0 ? null : tools.map((tool) => readTool(tool, losses)),
    toolChoice: readToolChoice(choice, losses),
    parallelToolCalls: field(choice, 'disable_parallel_tool_use') === true ? false : null,
    maxTokens: value('max_tokens', asNumber),
    temperature: value('temperature', asNumber),
    topP: value('top_p', asNumber),
    topK: value('top_k', asNumber),
    stop: value('stop_sequences', asTexts),
    format: readFormat(field(config, 'format') ?? field(body, 'output_format'), losses),
    effort: readEffort(value('output_config.effort', asEffort), value('thinking', asThinking), losses),
    verbosity: null,
    stream: value('stream', asBoolean) ?? false,
    others: isObject(config) ? gatherOthers(others, config, inConfig, 'output_config.') : others,
  }
}

function readTool(tool: Json, losses: Losses): Tool {
  if (!customTool.has(text(field(tool, 'type')))) untranslatable('a tool is defined by Anthropic, not by the caller')
  if (field(tool, 'cache_control')) reportCacheControl(losses)
  reportUnread(tool, 'tools', inTool, losses)
  const schema = field(tool, 'input_schema')
  return {
    name: text(field(tool, 'name')) ?? '',
    description: text(field(tool, 'description')),
    schema: isObject(schema) ? schema : null,
    strict: field(tool, 'strict') === true,
  }
}

function readToolChoice(choice: Json | undefined, losses: Losses): ToolChoice | null {
  reportUnread(choice, 'tool_choice', inChoice, losses)
  const type = text(field(choice, 'type'))
  if (type === 'auto' || type === 'none') return { kind: type }
  if (type === 'any') return { kind: 'required' }
  if (type === 'tool') return { kind: 'named', name: text(field(choice, 'name')) ?? '' }
  return isObject(choice) ? untranslatable(`tool_choice "${String(type).slice(0, 40)}" is not known`) : null
}

function readFormat(format: Json | undefined, losses: Losses): Format | null {
  if (format === undefined || format === null) return null
  const schema = field(format, 'schema')
  if (field(format, 'type') !== 'json_schema' || !isObject(schema)) untranslatable('the format holds no JSON Schema')
  reportUnread(format, 'output_config.format', inFormat, losses)
  return { kind: 'json_schema', schema, name: null, description: null, strict: true }
}

function asThinking(value: Json): JsonObject | null {
  return isObject(value) && text(field(value, 'type')) !== null ? value : null
}

function readEffort(said: Effort | null, thinking: JsonObject | null, losses: Losses): Effort | null {
  const type = text(field(thinking, 'type'))
  if (type === null) return said
  reportUnread(thinking, 'thinking', inThinking, losses)
  losses.add({
    parameter: 'thinking',
    kind: 'emulated',
    severity: 'minor',
    detail: 'how much to think is asked for as an effort only',
  })
  if (type === 'disabled') return 'none'
  return said ?? (type === 'enabled' ? effortOf(asNumber(field(thinking, 'budget_tokens') ?? null) ?? 0) : null)
}
