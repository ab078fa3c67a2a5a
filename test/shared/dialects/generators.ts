import * as fc from 'fast-check'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'

type Arbitrary = fc.Arbitrary<JsonObject>

const words = fc.constantFrom('Hi', 'é🎭', 'two\nlines', '0', '{{system}}', '[EMAIL_1]')
const sayings = fc.oneof({ weight: 9, arbitrary: words }, { weight: 1, arbitrary: fc.constantFrom('', ' \n') })
const toolName = fc.constantFrom('weather', 'look-up_2')
const callId = fc.constantFrom('call_1', 'call_2', 'functions.x:0', 'toolu_1')
/** Through JSON once, because JSON text cannot hold the difference between 0 and -0. */
const input = fc
  .dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.jsonValue({ maxDepth: 2 }))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)
const schema = fc.constantFrom<JsonObject>(
  { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
  { type: 'object', properties: { a: { type: 'number', minimum: 1 } }, required: [] },
  { type: 'object', properties: {} },
  {
    type: 'object',
    properties: { a: { oneOf: [{ type: 'string', pattern: '^x' }, { type: 'null' }] } },
    required: ['a'],
    additionalProperties: false,
  },
)
const pdf = 'data:application/pdf;base64,QUJD'

/** A tool by its name, in any dialect. */
function nameOf(tool: JsonObject): string {
  return ((tool['function'] ?? tool) as { name: string }).name
}

/** A forced choice names a tool that there is. */
function choosing(tools: JsonObject[], parameters: JsonObject): JsonObject {
  const text = JSON.stringify(parameters['tool_choice'] ?? null).replaceAll(
    '"weather"',
    JSON.stringify(nameOf(tools[0]!)),
  )
  return text === 'null' ? parameters : { ...parameters, tool_choice: JSON.parse(text) as JsonObject }
}

/** Some of the parameters, each with a value of its own arbitrary. */
function some(parameters: Record<string, fc.Arbitrary<unknown>>): Arbitrary {
  return fc.record(parameters, { requiredKeys: [] }) as Arbitrary
}

/** How a conversation ends: with words of the user, or within a tool loop. */
function endings(loop: fc.Arbitrary<JsonObject[]>): fc.Arbitrary<JsonObject[]> {
  const words = fc.constant<JsonObject[]>([{ role: 'user', content: 'Last' }])
  return fc.oneof({ weight: 3, arbitrary: words }, { weight: 1, arbitrary: loop })
}

const sampling = {
  temperature: fc.constantFrom(0, 0.7, 1),
  top_p: fc.constantFrom(0.1, 1),
  stream: fc.boolean(),
}

const chatPart = fc.oneof(
  words.map((text): JsonObject => ({ type: 'text', text })),
  fc.constantFrom('auto', 'low').map((detail): JsonObject => {
    return { type: 'image_url', image_url: { url: 'https://x.test/a.png', detail } }
  }),
  fc.constant<JsonObject>({ type: 'image_url', image_url: { url: 'data:image/gif;base64,QUJD' } }),
  fc.constant<JsonObject>({ type: 'file', file: { filename: 'a.pdf', file_data: pdf } }),
)
const chatUser: Arbitrary = fc
  .tuple(
    fc.oneof(sayings, fc.array(chatPart, { minLength: 1, maxLength: 3 })),
    fc.constantFrom({}, {}, { name: 'ann' }),
  )
  .map(([content, name]) => ({ role: 'user', content, ...name }))

const chatExchange: fc.Arbitrary<JsonObject[]> = fc.oneof(
  fc
    .tuple(chatUser, sayings, fc.constantFrom({}, {}, { refusal: 'No.' }, { reasoning_content: 'Hm' }))
    .map(([user, content, more]) => [user, { role: 'assistant', content, ...more }]),
  // What the app tells the model between the turns.
  fc
    .tuple(chatUser, fc.constantFrom('system', 'developer'), words)
    .map(([user, role, content]) => [user, { role: 'assistant', content: 'So' }, { role, content }]),
  chatLoop(),
)

function chatLoop(): fc.Arbitrary<JsonObject[]> {
  return fc
    .tuple(
      chatUser,
      fc.uniqueArray(callId, { minLength: 1, maxLength: 3 }),
      toolName,
      input,
      fc.oneof(sayings, fc.constant<JsonObject[]>([{ type: 'text', text: 'A' }])),
      fc.constantFrom(null, 'Let me see.'),
    )
    .map(([user, ids, name, args, content, said]) => [
      user,
      {
        role: 'assistant',
        content: said,
        tool_calls: ids.map((id) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } })),
      },
      ...ids.map((tool_call_id) => ({ role: 'tool', tool_call_id, content })),
    ])
}

const chatTool = fc
  .tuple(toolName, fc.option(words, { nil: null }), schema, fc.boolean())
  .map(([name, description, parameters, strict]): JsonObject => {
    const said = description === null ? {} : { description }
    return { type: 'function', function: { name, ...said, parameters, ...(strict ? { strict } : {}) } }
  })

/** Chat completions as applications send them. */
export const chatRequest: Arbitrary = fc
  .tuple(
    fc.array(words, { maxLength: 2 }),
    fc.array(chatExchange, { maxLength: 3 }),
    fc.uniqueArray(chatTool, { minLength: 1, maxLength: 2, selector: nameOf }),
    endings(chatLoop()),
    some({
      ...sampling,
      temperature: fc.constantFrom(0, 0.7, 1, 1.6),
      max_tokens: fc.integer({ min: 1, max: 9_000 }),
      stop: fc.constantFrom('END', ['a', 'b'], ['\n', 'x']),
      tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', function: { name: 'weather' } }),
      parallel_tool_calls: fc.boolean(),
      response_format: fc.oneof(
        schema.map((each) => ({ type: 'json_schema', json_schema: { name: 'x', schema: each } })),
        fc.constant({ type: 'text' }),
      ),
      reasoning_effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high'),
      seed: fc.nat(),
      user: words,
      n: fc.constant(1),
      presence_penalty: fc.constantFrom(0, 0.5),
      frequency_penalty: fc.constantFrom(0, 0.5),
      logprobs: fc.constant(true),
      verbosity: fc.constantFrom('low', 'high'),
      service_tier: fc.constantFrom('auto', 'flex'),
      metadata: fc.constant({ a: 'b' }),
      store: fc.boolean(),
      prediction: fc.constant({ type: 'content', content: 'x' }),
      prompt_cache_key: words,
      logit_bias: fc.constant({ 1: 2 }),
      min_p: fc.constant(0.1),
    }),
  )
  .map(([system, exchanges, tools, ending, parameters]) => ({
    model: 'gpt-4.1',
    messages: [
      ...system.map((content, at) => ({ role: at === 0 ? 'system' : 'developer', content })),
      ...exchanges.flat(),
      ...ending,
    ],
    tools,
    ...choosing(tools, parameters),
  }))

const block = fc.oneof(
  fc.tuple(words, fc.constantFrom({}, { cache_control: { type: 'ephemeral' } })).map(([text, mark]): JsonObject => {
    return { type: 'text', text, ...mark }
  }),
  fc.constantFrom<JsonObject>(
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
    { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
    { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'QUJD' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Plain' } },
  ),
)
const messagesUser: Arbitrary = fc
  .oneof(words, fc.array(block, { minLength: 1, maxLength: 3 }))
  .map((content) => ({ role: 'user', content }))

const messagesExchange: fc.Arbitrary<JsonObject[]> = fc.oneof(
  fc.tuple(messagesUser, words).map(([user, content]) => [user, { role: 'assistant', content }]),
  messagesLoop().map((loop) => {
    const results = loop.at(-1)!
    const said = [...(results['content'] as JsonObject[]), { type: 'text', text: 'So?' }]
    return [...loop.slice(0, -1), { role: 'user', content: said }, { role: 'assistant', content: 'Well' }]
  }),
)

function messagesLoop(): fc.Arbitrary<JsonObject[]> {
  const thoughts = fc.constantFrom<JsonObject[]>(
    [],
    [{ type: 'thinking', thinking: 'Hm', signature: 's' }],
    [{ type: 'redacted_thinking', data: 'x' }],
  )
  return fc
    .tuple(
      messagesUser,
      fc.uniqueArray(fc.constantFrom('toolu_1', 'toolu_2'), { minLength: 1 }),
      toolName,
      input,
      fc.oneof(words, fc.array(block, { minLength: 1, maxLength: 2 })),
      fc.boolean(),
      thoughts,
    )
    .map(([user, ids, name, args, content, failed, thought]): JsonObject[] => [
      user,
      {
        role: 'assistant',
        content: [...thought, ...ids.map((id) => ({ type: 'tool_use', id, name, input: args }))],
      },
      {
        role: 'user',
        content: ids.map((tool_use_id) => ({
          type: 'tool_result',
          tool_use_id,
          content,
          ...(failed ? { is_error: true } : {}),
        })),
      },
    ])
}

const responsesPart = fc.oneof(
  words.map((text): JsonObject => ({ type: 'input_text', text })),
  fc.constantFrom('auto', 'low').map((detail): JsonObject => {
    return { type: 'input_image', image_url: 'https://x.test/a.png', detail }
  }),
  fc.constant<JsonObject>({ type: 'input_file', filename: 'a.pdf', file_data: pdf }),
)
const responsesUser: Arbitrary = fc
  .oneof(sayings, fc.array(responsesPart, { minLength: 1, maxLength: 3 }))
  .map((content) => ({ role: 'user', content }))

const responsesExchange: fc.Arbitrary<JsonObject[]> = fc.oneof(
  fc
    .tuple(responsesUser, sayings)
    .map(([user, text]) => [
      user,
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] },
    ]),
  fc
    .tuple(responsesUser, fc.constantFrom('system', 'developer'), words)
    .map(([user, role, content]) => [user, { role: 'assistant', content: 'So' }, { role, content }]),
  fc
    .tuple(responsesUser)
    .map(([user]) => [user, { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }]),
  responsesLoop(),
)

function responsesLoop(): fc.Arbitrary<JsonObject[]> {
  return fc
    .tuple(
      responsesUser,
      fc.uniqueArray(callId, { minLength: 1, maxLength: 3 }),
      toolName,
      input,
      fc.oneof(sayings, fc.array(responsesPart, { minLength: 1, maxLength: 2 })),
    )
    .map(([user, ids, name, args, output]) => [
      user,
      ...ids.map((call_id) => ({ type: 'function_call', call_id, name, arguments: JSON.stringify(args) })),
      ...ids.map((call_id) => ({ type: 'function_call_output', call_id, output })),
    ])
}

const responsesTool = fc
  .tuple(toolName, fc.option(words, { nil: null }), schema)
  .map(([name, description, parameters]): JsonObject => {
    const said = description === null ? {} : { description }
    return { type: 'function', name, ...said, parameters, strict: false }
  })

/** Responses as applications send them. */
export const responsesRequest: Arbitrary = fc
  .tuple(
    fc.array(responsesExchange, { maxLength: 3 }),
    fc.uniqueArray(responsesTool, { minLength: 1, maxLength: 2, selector: nameOf }),
    endings(responsesLoop()),
    some({
      ...sampling,
      instructions: words,
      max_output_tokens: fc.integer({ min: 16, max: 9_000 }),
      tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', name: 'weather' }),
      parallel_tool_calls: fc.boolean(),
      text: fc.oneof(
        schema.map((each) => ({ format: { type: 'json_schema', name: 'x', schema: each, strict: false } })),
        fc.constant({ verbosity: 'low' }),
      ),
      service_tier: fc.constantFrom('auto', 'flex'),
      metadata: fc.constant({ a: 'b' }),
      include: fc.constant(['message.output_text.logprobs']),
      prompt_cache_key: words,
      truncation: fc.constantFrom('auto', 'disabled'),
      user: words,
    }),
  )
  .map(([exchanges, tools, ending, parameters]) => ({
    model: 'gpt-4.1',
    input: [...exchanges.flat(), ...ending],
    tools,
    store: false,
    ...choosing(tools, parameters),
  }))

/** What constrained decoding of Anthropic takes. */
const decodable = fc.constantFrom<JsonObject>(
  { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
  { type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false },
)

/** Messages as applications send them. Tool ids are unique within an exchange only, as after a restart. */
export const messagesRequest: Arbitrary = fc
  .tuple(
    fc.array(messagesExchange, { maxLength: 3 }),
    fc.tuple(toolName, schema).map(([name, input_schema]): JsonObject => ({ name, input_schema })),
    endings(messagesLoop()),
    some({
      ...sampling,
      system: fc.oneof(
        words,
        fc.constant([
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ]),
      ),
      stop_sequences: fc.constantFrom(['a'], ['a', 'b', 'c', 'd', 'e']),
      tool_choice: fc.constantFrom<JsonObject>(
        { type: 'auto' },
        { type: 'none' },
        { type: 'any', disable_parallel_tool_use: true },
        { type: 'tool', name: 'weather' },
      ),
      top_k: fc.constant(5),
      metadata: fc.constant({ user_id: 'u' }),
      service_tier: fc.constantFrom('auto', 'standard_only'),
      thinking: fc.constantFrom({ type: 'enabled', budget_tokens: 2_000 }, { type: 'disabled' }, { type: 'adaptive' }),
      output_config: fc.oneof(
        fc.constantFrom('low', 'high', 'max').map((effort) => ({ effort })),
        decodable.map((each) => ({ format: { type: 'json_schema', schema: each } })),
      ),
    }),
  )
  .map(([exchanges, tool, ending, parameters]) => ({
    model: 'claude-haiku-4-5',
    max_tokens: 4_096,
    messages: [...exchanges.flat(), ...ending],
    tools: [tool],
    ...choosing([tool], parameters),
  }))
