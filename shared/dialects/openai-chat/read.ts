import {
  type CanonicalRequest,
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
import { asBoolean, asEffort, asNumber, asText, asTexts, createValueReader } from '../values.ts'
import { readTurns } from './read-turns.ts'

/** Parameters the canonical form holds, or that say how to transport the answer. */
const understood = new Set(
  (
    'model messages tools functions tool_choice function_call parallel_tool_calls ' +
    'max_tokens max_completion_tokens temperature top_p top_k stop response_format ' +
    'reasoning_effort verbosity stream stream_options n modalities audio'
  ).split(' '),
)

const inTool = held('type function')
const inFunction = held('type name description parameters strict')
const inChoice = held('type name function allowed_tools mode tools')
const inChosen = held('name mode tools')
const inFormat = held('type json_schema')
const inSchema = held('type name description schema strict')

/** Calls that must not be made again, whatever the target: they act, or name what only their account can see. */
export function checkChatReplayable(body: JsonObject): void {
  if (isObject(field(body, 'web_search_options'))) notReplayable('the call searches the web at the provider')
  for (const tool of list(field(body, 'tools'))) {
    const type = text(field(tool, 'type')) ?? 'function'
    if (type !== 'function' && type !== 'custom') notReplayable('a tool runs at the provider')
  }
  for (const message of list(field(body, 'messages'))) {
    if (isObject(field(message, 'audio'))) notReplayable('an earlier answer is named by its audio id')
    for (const part of list(field(message, 'content'))) {
      if (word(field(field(part, 'file'), 'file_id'))) notReplayable('a file is named by its id at the provider')
    }
  }
}

export function readChat(body: JsonObject, losses: Losses): CanonicalRequest {
  const value = createValueReader(body, losses)
  if ((value('n', asNumber) ?? 1) > 1) untranslatable('more than one answer is asked for (n)')
  if (list(field(body, 'modalities')).includes('audio')) untranslatable('a spoken answer is asked for')
  const messages = field(body, 'messages')
  if (!Array.isArray(messages)) untranslatable('the body has no list of messages')
  const { system, turns } = readTurns(messages, losses)
  const allowed = field(field(field(body, 'tool_choice'), 'allowed_tools'), 'tools')
  return {
    model: word(field(body, 'model')),
    system,
    turns,
    tools: readTools(body, Array.isArray(allowed) ? allowed : null, losses),
    toolChoice: readToolChoice(field(body, 'tool_choice') ?? field(body, 'function_call'), losses),
    parallelToolCalls: value('parallel_tool_calls', asBoolean),
    maxTokens: value('max_completion_tokens', asNumber) ?? value('max_tokens', asNumber),
    temperature: value('temperature', asNumber),
    topP: value('top_p', asNumber),
    topK: value('top_k', asNumber),
    stop: value('stop', asTexts),
    format: readFormat(field(body, 'response_format'), losses),
    effort: value('reasoning_effort', asEffort),
    verbosity: value('verbosity', asText),
    stream: value('stream', asBoolean) ?? false,
    others: gatherOthers(new Map(), body, understood),
  }
}

function readTools(body: JsonObject, allowed: Json[] | null, losses: Losses): Tool[] | null {
  const wrapped = list(field(body, 'tools')).map((tool) => {
    reportUnread(tool, 'tools', inTool, losses)
    return field(tool, 'function')
  })
  const functions = [...wrapped, ...list(field(body, 'functions'))]
  if (functions.length === 0) return null
  const tools = functions.map((each) => readTool(each, losses))
  if (allowed === null) return tools
  losses.add({
    parameter: 'tool_choice.allowed_tools',
    kind: 'emulated',
    severity: 'minor',
    detail: 'only the allowed tools are offered',
  })
  const names = new Set(allowed.map((each) => text(field(field(each, 'function'), 'name'))))
  return tools.filter((tool) => names.has(tool.name))
}

/** A function as a tool, whatever it is wrapped in. */
export function readTool(tool: Json | undefined, losses: Losses): Tool {
  if (tool === undefined) untranslatable('a tool is not a function')
  reportUnread(tool, 'tools', inFunction, losses)
  const schema = field(tool, 'parameters')
  return {
    name: text(field(tool, 'name')) ?? '',
    description: text(field(tool, 'description')),
    schema: isObject(schema) ? schema : null,
    strict: field(tool, 'strict') === true,
  }
}

export function readToolChoice(choice: Json | undefined, losses: Losses): ToolChoice | null {
  reportUnread(choice, 'tool_choice', inChoice, losses)
  reportUnread(field(choice, 'function') ?? field(choice, 'allowed_tools'), 'tool_choice', inChosen, losses)
  const word = text(choice) ?? text(field(field(choice, 'allowed_tools'), 'mode'))
  if (word === 'auto' || word === 'required' || word === 'none') return { kind: word }
  if (word !== null) untranslatable(`tool_choice "${word.slice(0, 40)}" is not known`)
  const name = text(field(field(choice, 'function'), 'name')) ?? text(field(choice, 'name'))
  if (name !== null) return { kind: 'named', name }
  return isObject(choice) ? untranslatable('tool_choice names something that is not a function') : null
}

export function readFormat(format: Json | undefined, losses: Losses): Format | null {
  const type = text(field(format, 'type'))
  reportUnread(format, 'response_format', inFormat, losses)
  if (format === undefined || format === null || type === 'text') return null
  const holder = field(format, 'json_schema')
  const schema = field(holder, 'schema')
  if (type === 'json_object') return { kind: 'json_object' }
  if (type !== 'json_schema' || !isObject(schema)) untranslatable('response_format holds no JSON Schema')
  reportUnread(holder, 'response_format', inSchema, losses)
  return {
    kind: 'json_schema',
    schema,
    name: word(field(holder, 'name')),
    description: word(field(holder, 'description')),
    strict: field(holder, 'strict') === true,
  }
}
