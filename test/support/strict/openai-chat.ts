import { z } from 'zod'
import { refusedByModel } from './openai-models.ts'
import { firstProblem, json, looseObject, metadata, misshapen, text, toolName } from './shapes.ts'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const refusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({
    url: z.string().regex(/^(https?:|data:image\/(png|jpeg|gif|webp);base64,)/),
    detail: z.enum(['auto', 'low', 'high']).optional(),
  }),
})
const filePart = z.strictObject({
  type: z.literal('file'),
  file: z.strictObject({ filename: z.string(), file_data: z.string().startsWith('data:application/pdf;base64,') }),
})
const texts = z.union([z.string(), z.array(textPart).min(1)])

const call = z.strictObject({
  id: text,
  type: z.literal('function'),
  function: z.strictObject({ name: toolName, arguments: z.string() }),
})
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer']), content: texts, name: text.optional() }),
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.union([textPart, imagePart, filePart])).min(1)]),
    name: text.optional(),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(z.union([textPart, refusalPart])).min(1)]).nullish(),
    refusal: z.string().nullish(),
    name: text.optional(),
    tool_calls: z.array(call).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: texts, tool_call_id: text }),
])

const schemaFormat = z.strictObject({
  name: toolName,
  description: z.string().optional(),
  schema: json,
  strict: z.boolean().nullish(),
})
const body = z.strictObject({
  model: text,
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: toolName,
          description: z.string().optional(),
          parameters: json.optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: toolName }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  stop: z.union([text, z.array(text).min(1).max(4)]).nullish(),
  seed: z.int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  logit_bias: z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100)).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({ type: z.literal('json_schema'), json_schema: schemaFormat }),
    ])
    .optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  metadata: metadata.nullish(),
  store: z.boolean().nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'priority', 'fast']).nullish(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_retention: z.string().nullish(),
  prediction: json.nullish(),
})
type Body = z.infer<typeof body>

/** Why chat completions would answer 400; null where they would answer. */
export function refusedChat(request: unknown): string | null {
  const shape = misshapen(body, request)
  if (shape !== null) return shape
  const asked = request as Body
  return firstProblem(
    () => contradiction(asked),
    () => unpaired(asked.messages),
    () => looselyStrict(asked),
    () =>
      refusedByModel(asked, {
        limit: asked.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens',
        effort: asked.reasoning_effort,
        verbosity: asked.verbosity,
      }),
  )
}

function contradiction(asked: Body): string | null {
  if (asked.max_tokens != null && asked.max_completion_tokens != null) return 'max_tokens and max_completion_tokens'
  if (asked.tools === undefined && asked.tool_choice !== undefined) return "'tool_choice' is only allowed with 'tools'"
  if (asked.tools === undefined && asked.parallel_tool_calls !== undefined) {
    return "'parallel_tool_calls' is only allowed with 'tools'"
  }
  if (asked.stream !== true && asked.stream_options != null) return "'stream_options' is only allowed when streaming"
  if (asked.top_logprobs != null && asked.logprobs !== true) return "'top_logprobs' needs 'logprobs'"
  if (asked.response_format?.type === 'json_object' && !/json/i.test(JSON.stringify(asked.messages))) {
    return "'messages' must contain the word 'json' in some form"
  }
  const { tool_choice: choice } = asked
  const names = asked.tools?.map((tool) => tool.function.name) ?? []
  if (new Set(names).size < names.length) return 'tools: two have one name'
  return typeof choice === 'object' && !names.includes(choice.function.name) ? 'tool_choice names no tool' : null
}

/** Every call is answered by the tool messages right behind it, and every tool message answers such a call. */
function unpaired(messages: Body['messages']): string | null {
  let open = new Set<string>()
  for (const [at, each] of messages.entries()) {
    if (each.role === 'tool') {
      if (!open.delete(each.tool_call_id)) return `messages.${at}: a tool message must follow its call`
      continue
    }
    if (open.size > 0) return `messages.${at}: tool calls without results: ${[...open].join(', ')}`
    if (each.role !== 'assistant') continue
    if (each.tool_calls === undefined && each.content == null && each.refusal == null)
      return `messages.${at}: no content`
    const ids = (each.tool_calls ?? []).map(({ id }) => id)
    open = new Set(ids)
    if (open.size < ids.length) return `messages.${at}: two calls have one id`
  }
  return open.size > 0 ? 'the last tool calls have no results' : null
}

function looselyStrict(asked: Body): string | null {
  const format = asked.response_format?.type === 'json_schema' ? asked.response_format.json_schema : null
  if (format?.strict === true && looseObject(format.schema)) return 'response_format: the schema is not strict'
  const loose = asked.tools?.find(({ function: tool }) => tool.strict === true && looseObject(tool.parameters ?? {}))
  return loose === undefined ? null : `tools: the schema of ${loose.function.name} is not strict`
}
