import { z } from 'zod'
import { firstProblem, json, misshapen, text } from './shapes.ts'

const words = z.string().regex(/\S/, 'text content blocks must contain non-whitespace text')
const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()
const toolName = z.string().regex(/^[\w-]{1,128}$/)
const toolId = z.string().regex(/^[\w-]+$/)

const textBlock = z.strictObject({
  type: z.literal('text'),
  text: words,
  citations: z.array(json).nullish(),
  cache_control: cacheControl,
})
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: text,
    }),
    z.strictObject({ type: z.literal('url'), url: z.string().startsWith('https://') }),
  ]),
  cache_control: cacheControl,
})
const document = z.strictObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: text }),
    z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: text }),
    z.strictObject({ type: z.literal('url'), url: z.string().startsWith('https://') }),
  ]),
  title: z.string().nullish(),
  citations: z.strictObject({ enabled: z.boolean() }).nullish(),
  cache_control: cacheControl,
})
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: toolId,
  name: toolName,
  input: json,
  cache_control: cacheControl,
})
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: toolId,
  content: z.union([words, z.array(z.union([textBlock, image, document])).min(1)]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
})
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: text })
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: text })

const message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([words, z.array(z.union([textBlock, image, document, toolResult])).min(1)]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([words, z.array(z.union([textBlock, toolUse, thinking, redacted, document])).min(1)]),
  }),
  z.strictObject({ role: z.literal('system'), content: z.union([words, z.array(textBlock).min(1)]) }),
])

const serial = { disable_parallel_tool_use: z.boolean().optional() }
const body = z.strictObject({
  model: text,
  max_tokens: z.int().min(1),
  messages: z.array(message).min(1),
  system: z.union([words, z.array(textBlock).min(1)]).optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('custom').optional(),
        name: toolName,
        description: z.string().optional(),
        input_schema: z
          .looseObject({ type: z.literal('object') })
          .refine(
            (schema) => !['anyOf', 'oneOf', 'allOf'].some((key) => key in schema),
            'input_schema does not support oneOf, allOf, or anyOf at the top level',
          ),
        strict: z.boolean().optional(),
        cache_control: cacheControl,
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto'), ...serial }),
      z.strictObject({ type: z.literal('any'), ...serial }),
      z.strictObject({ type: z.literal('tool'), name: toolName, ...serial }),
      z.strictObject({ type: z.literal('none') }),
    ])
    .optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(words).optional(),
  stream: z.boolean().optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024) }),
      z.strictObject({ type: z.literal('adaptive') }),
      z.strictObject({ type: z.literal('disabled') }),
      z.strictObject({ type: z.literal('between_tools') }),
    ])
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: json }).optional(),
    })
    .optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
})
type Body = z.infer<typeof body>

const after46 = /^claude-(opus-(4-[7-9]|[5-9])|sonnet-[5-9]|haiku-[5-9]|fable)/
const since46 = /^claude-((opus|sonnet)-(4-[6-9]|[5-9])|haiku-[5-9]|fable)/
const takesSystemTurns = /^claude-(opus-(4-[89]|[5-9])|sonnet-[5-9]|haiku-[5-9]|fable)/
const neverForced = /^claude-(opus-5-5|sonnet-5-5|fable)/
const alwaysThinks = /^claude-(opus-5-5|fable)/
const withoutEffort = /^claude-(3|haiku-4|sonnet-4-5)/
const mostTokens: [RegExp, number][] = [
  [/^claude-3-5/, 8_192],
  [/^claude-(haiku|sonnet)-4/, 64_000],
  [/^claude/, 128_000],
]

/** Why messages would answer 400 under this version; null where they would answer. */
export function refusedMessages(request: unknown, headers: Record<string, string>): string | null {
  const version = headers['anthropic-version']
  if (version === undefined) return 'anthropic-version: header is required'
  if (!['2023-06-01', '2026-10-21'].includes(version)) return `anthropic-version: "${version}" is not a valid version`
  const shape = misshapen(body, request)
  if (shape !== null) return shape
  const asked = request as Body
  return firstProblem(
    () => refusedByVersion(asked, version),
    () => sampling(asked),
    () => misplaced(asked),
    () => unpaired(asked.messages),
    () => tools(asked),
    () => thinkingProblem(asked),
    () => output(asked),
  )
}

function refusedByVersion(asked: Body, version: string): string | null {
  if (version < '2026-10-21') return null
  const said = (['temperature', 'top_p', 'top_k'] as const).find((name) => asked[name] !== undefined)
  if (said !== undefined) return `${said}: not permitted`
  for (const { role, content } of asked.messages) {
    for (const block of typeof content === 'string' ? [] : content) {
      if (role === 'assistant' && block.type === 'document') return 'a document in an assistant message'
      if (role === 'user' && block.type === 'text' && (block.citations?.length ?? 0) > 0) return 'citations of the user'
    }
  }
  return null
}

function sampling({ model, temperature, top_p, top_k }: Body): string | null {
  if (
    /^claude-(opus-4-[1-6]|sonnet-4-[56]|haiku-4-5)/.test(model) &&
    temperature !== undefined &&
    top_p !== undefined
  ) {
    return 'temperature and top_p cannot both be specified for this model'
  }
  if (!after46.test(model)) return null
  if (top_k !== undefined) return 'top_k: not supported by this model'
  if (temperature !== undefined && temperature !== 1) return 'temperature: only 1 is supported by this model'
  return top_p !== undefined && top_p < 0.99 ? 'top_p: not supported by this model' : null
}

function misplaced({ model, messages, system, tools = [] }: Body): string | null {
  if (messages[0]!.role === 'assistant') return 'messages: first message must use the "user" role'
  if (messages.some(({ role }) => role === 'system') && !takesSystemTurns.test(model)) return 'messages: role "system"'
  const last = messages.at(-1)!
  if (last.role === 'assistant') {
    if (since46.test(model)) return 'Prefill not supported'
    const ending = typeof last.content === 'string' ? last.content : last.content.at(-1)
    const said = typeof ending === 'string' ? ending : ending?.type === 'text' ? ending.text : ''
    if (said !== said.trimEnd()) return 'final assistant content cannot end with trailing whitespace'
  }
  const marks = JSON.stringify([messages, system, tools]).split('"cache_control":{').length - 1
  return marks > 4 ? 'a maximum of 4 blocks with cache_control' : null
}

/** Every tool_use is answered, first of all, by the very next message; no result stands anywhere else. */
function unpaired(messages: Body['messages']): string | null {
  let open = new Set<string>()
  const used = new Set<string>()
  for (const [at, { role, content }] of messages.entries()) {
    const blocks = typeof content === 'string' ? [] : content
    const results = blocks.filter((block) => block.type === 'tool_result')
    if (blocks.slice(0, results.length).some((block) => block.type !== 'tool_result')) {
      return `messages.${at}: tool_result blocks must come first`
    }
    for (const { tool_use_id: id } of results) {
      if (!open.delete(id)) return `messages.${at}: unexpected tool_use_id ${id}`
    }
    if (open.size > 0) return `messages.${at}: tool_use ids without tool_result: ${[...open].join(', ')}`
    open = new Set()
    for (const block of blocks) {
      if (block.type !== 'tool_use') continue
      if (used.has(block.id)) return `messages.${at}: tool_use ids must be unique`
      used.add(block.id)
      open.add(block.id)
    }
    if (role === 'assistant' && at === messages.length - 1 && open.size > 0) return 'the last tool_use has no result'
  }
  return null
}

function tools({ model, messages, tools = [], tool_choice: choice }: Body): string | null {
  const names = tools.map(({ name }) => name)
  if (new Set(names).size < names.length) return 'tools: tool names must be unique'
  if (choice !== undefined && tools.length === 0) return 'tool_choice may only be specified while providing tools'
  if ((choice?.type === 'any' || choice?.type === 'tool') && neverForced.test(model))
    return 'tool_choice: not supported'
  if (choice?.type === 'tool' && !names.includes(choice.name)) return `tool_choice: no tool ${choice.name}`
  const usesTools = messages.some(
    ({ content }) => typeof content !== 'string' && content.some(({ type }) => type.startsWith('tool_')),
  )
  return usesTools && tools.length === 0 ? 'tools: required where the conversation uses tools' : null
}

function thinkingProblem(asked: Body): string | null {
  const { model, max_tokens, thinking, tool_choice: choice } = asked
  const most = mostTokens.find(([pattern]) => pattern.test(model))?.[1] ?? Infinity
  if (max_tokens > most) return `max_tokens: ${max_tokens} > ${most}`
  if (thinking === undefined) return null
  if (thinking.type === 'disabled') return alwaysThinks.test(model) ? 'thinking: cannot be disabled' : null
  if (thinking.type === 'between_tools') return model.startsWith('claude-sonnet-5-5') ? null : 'thinking: between_tools'
  if (thinking.type === 'adaptive') return since46.test(model) ? null : 'thinking: adaptive is not supported'
  if (after46.test(model)) return 'thinking: enabled is not supported'
  if (thinking.budget_tokens >= max_tokens) return 'thinking.budget_tokens must be less than max_tokens'
  const { temperature = 1, top_p = 1, top_k } = asked
  if (temperature !== 1) return 'temperature may only be 1 when thinking is enabled'
  if (top_p < 0.95 || top_k !== undefined)
    return 'top_p must be at least 0.95, and top_k unset, when thinking is enabled'
  if (loopWithoutThoughts(asked.messages)) return 'Expected `thinking` or `redacted_thinking`, but found `tool_use`'
  return choice?.type === 'any' || choice?.type === 'tool' ? 'tool_choice: forced while thinking' : null
}

/** While thinking for a budget, the assistant's turn a tool result is given for begins with its thoughts; no prefill. */
function loopWithoutThoughts(messages: Body['messages']): boolean {
  const last = messages.at(-1)!
  if (last.role === 'assistant') return true
  const isResult = typeof last.content !== 'string' && last.content.every(({ type }) => type === 'tool_result')
  const caller = messages.findLast(({ role }) => role === 'assistant')
  if (!isResult || caller === undefined || typeof caller.content === 'string') return false
  return !['thinking', 'redacted_thinking'].includes(caller.content[0]!.type)
}

/** The keywords of the guide to structured outputs. */
const takenKeywords = new Set(
  (
    '$ref $defs definitions type properties required additionalProperties items minItems enum const anyOf allOf ' +
    'title description default format'
  ).split(' '),
)
const takenFormats: unknown[] = 'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' ')

function output({ model, output_config: config }: Body): string | null {
  if (config?.effort !== undefined && withoutEffort.test(model)) return 'output_config.effort: not supported'
  return config?.format === undefined ? null : schemaProblem(config.format.schema)
}

function schemaProblem(schema: unknown): string | null {
  if (Array.isArray(schema)) return firstProblem(...schema.map((each) => () => schemaProblem(each)))
  if (typeof schema !== 'object' || schema === null) return null
  const members = schema as Record<string, unknown>
  const refused = Object.keys(members).find((key) => !takenKeywords.has(key))
  if (refused !== undefined) return `output_config.format.schema: ${refused} is not supported`
  if (Number(members['minItems'] ?? 0) > 1) return 'output_config.format.schema: minItems above 1'
  if (members['format'] !== undefined && !takenFormats.includes(members['format'])) return 'schema: format'
  if (Array.isArray(members['enum']) && members['enum'].some((each) => typeof each === 'object' && each !== null)) {
    return 'output_config.format.schema: complex types in enum'
  }
  if (members['type'] === 'object' && members['additionalProperties'] !== false)
    return 'additionalProperties must be false'
  const inner = Object.entries(members).flatMap(([key, value]) => {
    if (['enum', 'const', 'default', 'required'].includes(key)) return []
    return ['properties', '$defs', 'definitions'].includes(key) ? Object.values(value as object) : [value]
  })
  return firstProblem(...inner.map((each) => () => schemaProblem(each)))
}
