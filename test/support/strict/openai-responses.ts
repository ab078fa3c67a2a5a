import { z } from 'zod'
import { refusedByModel } from './openai-models.ts'
import { firstProblem, json, looseObject, metadata, misshapen, text, toolName } from './shapes.ts'

const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string() })
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().regex(/^(https?:|data:image\/(png|jpeg|gif|webp);base64,)/),
  detail: z.enum(['auto', 'low', 'high']).optional(),
})
const inputFile = z.union([
  z.strictObject({
    type: z.literal('input_file'),
    filename: z.string(),
    file_data: z.string().startsWith('data:application/pdf;base64,'),
  }),
  z.strictObject({ type: z.literal('input_file'), file_url: z.string().startsWith('https://') }),
])
const inputContent = z.union([z.string(), z.array(z.union([inputText, inputImage, inputFile])).min(1)])
const said = z.union([
  z.strictObject({ type: z.literal('output_text'), text: z.string(), annotations: z.array(json).optional() }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
])
const message = z.discriminatedUnion('role', [
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.enum(['user', 'system', 'developer']),
    content: inputContent,
  }),
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(said).min(1)]),
    phase: z.enum(['commentary', 'final_answer']).optional(),
    status: z.string().optional(),
  }),
])
const functionCall = z.strictObject({
  type: z.literal('function_call'),
  call_id: text,
  name: toolName,
  arguments: z.string(),
  status: z.string().optional(),
})
const functionOutput = z.strictObject({ type: z.literal('function_call_output'), call_id: text, output: inputContent })
const item = z.union([message, functionCall, functionOutput])

const body = z.strictObject({
  model: text,
  input: z.union([text, z.array(item).min(1)]),
  instructions: z.string().nullish(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name: toolName,
        description: z.string().nullish(),
        parameters: json.nullable(),
        strict: z.boolean().nullish(),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z
    .union([z.enum(['auto', 'none', 'required']), z.strictObject({ type: z.literal('function'), name: toolName })])
    .optional(),
  parallel_tool_calls: z.boolean().nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('text') }),
          z.strictObject({ type: z.literal('json_object') }),
          z.strictObject({
            type: z.literal('json_schema'),
            name: toolName,
            description: z.string().optional(),
            schema: json,
            strict: z.boolean().nullish(),
          }),
        ])
        .optional(),
      verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    })
    .optional(),
  reasoning: z
    .strictObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  // Left out it is true, and the prompts stay at the provider: a replay must deny it.
  store: z.literal(false),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  include: z.array(z.string()).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: metadata.nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  service_tier: z.enum(['auto', 'default', 'flex', 'priority', 'fast']).nullish(),
})
type Body = z.infer<typeof body>

/** Why Responses would answer 400, or keep what they must not; null where they would answer. */
export function refusedResponses(request: unknown): string | null {
  const shape = misshapen(body, request)
  if (shape !== null) return shape
  const asked = request as Body
  return firstProblem(
    () => contradiction(asked),
    () => unpaired(Array.isArray(asked.input) ? asked.input : []),
    () => looselyStrict(asked),
    () =>
      refusedByModel(asked, {
        limit: 'max_output_tokens',
        effort: asked.reasoning?.effort,
        verbosity: asked.text?.verbosity,
      }),
  )
}

function contradiction(asked: Body): string | null {
  if (asked.tools === undefined && asked.tool_choice !== undefined && asked.tool_choice !== 'auto') {
    return "'tool_choice' needs 'tools'"
  }
  const { tool_choice: choice } = asked
  const isNamed = typeof choice === 'object' && !asked.tools?.some(({ name }) => name === choice.name)
  if (isNamed) return 'tool_choice names no tool'
  const isJson = asked.text?.format?.type === 'json_object'
  return isJson && !/json/i.test(JSON.stringify(asked.input)) ? "'input' must contain the word 'json'" : null
}

/** Unlike in chat completions, calls and outputs may stand anywhere, as long as the call comes first. */
function unpaired(items: Exclude<Body['input'], string>): string | null {
  const open = new Set<string>()
  for (const [at, each] of items.entries()) {
    if (!('call_id' in each)) continue
    if (each.type === 'function_call') open.add(each.call_id)
    else if (!open.delete(each.call_id)) return `input.${at}: no tool call found for this output`
  }
  return open.size > 0 ? `no tool output found for ${[...open].join(', ')}` : null
}

function looselyStrict(asked: Body): string | null {
  const format = asked.text?.format?.type === 'json_schema' ? asked.text.format : null
  // Left out it is true.
  if (format !== null && format.strict !== false && looseObject(format.schema)) return 'text.format is not strict'
  const loose = asked.tools?.find((tool) => tool.strict !== false && looseObject(tool.parameters ?? {}))
  return loose === undefined ? null : `tools: the schema of ${loose.name} is not strict`
}
