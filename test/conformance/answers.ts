/** What the pretend provider says, in the wire formats of OpenAI (chat, Responses, embeddings) and Anthropic (messages). */

export type Asked = Record<string, any> // eslint-disable-line typescript/no-explicit-any
export type Answer = { whole: object; events: string[]; failure: string }

type Saying = { text: string } | { tool: string; args: string }
type Schema = { type?: string; properties?: Record<string, Schema>; items?: Schema }

// More than one byte a character, so that pieces of the stream end within one.
const sentence = 'Grüße aus Tromsø 🌊: "7 °C" \\ and a line\nmore.'
const madeAtS = 1_763_693_829

/** The answer to what was posted to `path`, or null where the provider has nothing. */
export function answerTo(path: string, asked: Asked): Answer | null {
  if (path.endsWith('/chat/completions')) return chat(asked)
  if (path.endsWith('/responses')) return responses(asked)
  if (path.endsWith('/embeddings')) return embeddings(asked)
  if (path.endsWith('/messages')) return messages(asked)
  const model = /\/models\/(.+)$/.exec(path)?.[1]
  return model === undefined ? null : modelCard(decodeURIComponent(model))
}

/** A tool where there are some that were not used yet, JSON where a schema is asked for, and a sentence otherwise. */
function sayingOf(tool: { name: string; schema: Schema } | null, schema: Schema | undefined): Saying {
  if (tool !== null) return { tool: tool.name, args: JSON.stringify(sampleOf(tool.schema)) }
  return { text: schema === undefined ? sentence : JSON.stringify(sampleOf(schema)) }
}

function sampleOf({ type, properties = {}, items = {} }: Schema): unknown {
  if (type === 'object') return Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, sampleOf(v)]))
  if (type === 'array') return [sampleOf(items)]
  return type === 'number' || type === 'integer' ? 7 : 'Tromsø'
}

const piecesOf = (text: string): string[] => text.match(/.{1,7}/gsu) ?? []

const dataEvent = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

type Event = { type: string } & Record<string, unknown>

const namedEvent = (data: Event): string => `event: ${data.type}\n${dataEvent(data)}`

function chat({ model, tools, messages, response_format: format, stream_options: options }: Asked): Answer {
  const isAnswered = messages.at(-1).role === 'tool'
  const tool = tools && !isAnswered ? { name: tools[0].function.name, schema: tools[0].function.parameters } : null
  const saying = sayingOf(tool, format?.json_schema?.schema)
  const head = { id: 'chatcmpl-1', created: madeAtS, model, system_fingerprint: 'fp_1' }
  const finish = 'tool' in saying ? 'tool_calls' : 'stop'
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
  const called = (args: string, name?: string) => ({
    id: 'call_1',
    type: 'function',
    function: { name, arguments: args },
  })
  const message =
    'tool' in saying
      ? { role: 'assistant', content: null, refusal: null, tool_calls: [called(saying.args, saying.tool)] }
      : { role: 'assistant', content: saying.text, refusal: null }
  const deltas =
    'tool' in saying
      ? [
          { tool_calls: [{ index: 0, ...called('', saying.tool) }] },
          ...piecesOf(saying.args).map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
        ]
      : piecesOf(saying.text).map((content) => ({ content }))
  const chunk = (choices: object[], rest: object = {}) =>
    dataEvent({ ...head, object: 'chat.completion.chunk', choices, ...rest })
  const choice = (delta: object, finish_reason: string | null = null) => [{ index: 0, delta, finish_reason }]
  return {
    whole: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage },
    events: [
      chunk(choice({ role: 'assistant', content: '' })),
      ...deltas.map((delta) => chunk(choice(delta))),
      chunk(choice({}, finish)),
      ...(options?.include_usage ? [chunk([], { usage })] : []),
      dataEvent('[DONE]'),
    ],
    failure: dataEvent({ error: { type: 'server_error', message: 'The model broke', code: 'broken', param: null } }),
  }
}

function responses({ model, tools, input, text: wanted }: Asked): Answer {
  const isAnswered = Array.isArray(input) && input.at(-1).type === 'function_call_output'
  const tool = tools && !isAnswered ? { name: tools[0].name, schema: tools[0].parameters } : null
  const saying = sayingOf(tool, wanted?.format?.schema)
  const text = 'tool' in saying ? '' : saying.text
  const part = { type: 'output_text', text, annotations: [], logprobs: [] }
  const item =
    'tool' in saying
      ? { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: saying.tool, arguments: saying.args }
      : { type: 'message', id: 'msg_1', role: 'assistant', content: [part] }
  const usage = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  }
  const response = (status: string, output: object[]) => ({
    id: 'resp_1',
    object: 'response',
    created_at: madeAtS,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: status === 'completed' ? usage : null,
  })
  const done = { ...item, status: 'completed' }
  const at = { item_id: item.id, output_index: 0 }
  const inText = { ...at, content_index: 0 }
  const steps: Event[] =
    'tool' in saying
      ? [
          ...piecesOf(saying.args).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
          { type: 'response.function_call_arguments.done', ...at, arguments: saying.args },
        ]
      : [
          { type: 'response.content_part.added', ...inText, part: { ...part, text: '' } },
          ...piecesOf(text).map((delta) => ({ type: 'response.output_text.delta', ...inText, delta, logprobs: [] })),
          { type: 'response.output_text.done', ...inText, text, logprobs: [] },
          { type: 'response.content_part.done', ...inText, part },
        ]
  const begun = { ...item, status: 'in_progress', ...('tool' in saying ? { arguments: '' } : { content: [] }) }
  const all: Event[] = [
    { type: 'response.created', response: response('in_progress', []) },
    { type: 'response.in_progress', response: response('in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: begun },
    ...steps,
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: response('completed', [done]) },
  ]
  return {
    whole: response('completed', [done]),
    events: all.map((event, sequence_number) => namedEvent({ ...event, sequence_number })),
    failure: namedEvent({ type: 'error', code: 'broken', message: 'The model broke', param: null }),
  }
}

function embeddings({ model, input, encoding_format: format }: Asked): Answer {
  const count = Array.isArray(input) ? input.length : 1
  const vector = (i: number) => [0.25, -0.5, i]
  const encoded = (i: number) =>
    format === 'base64' ? Buffer.from(new Float32Array(vector(i)).buffer).toString('base64') : vector(i)
  const data = Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding: encoded(index) }))
  return {
    whole: { object: 'list', model, data, usage: { prompt_tokens: 4, total_tokens: 4 } },
    events: [],
    failure: '',
  }
}

function messages({ model, tools, messages: turns, output_config: config, output_format: wanted }: Asked): Answer {
  const last = turns.at(-1).content
  const isAnswered = Array.isArray(last) && last.some(({ type }) => type === 'tool_result')
  const tool = tools && !isAnswered ? { name: tools[0].name, schema: tools[0].input_schema } : null
  const saying = sayingOf(tool, (config?.format ?? wanted)?.schema)
  const finish = 'tool' in saying ? 'tool_use' : 'end_turn'
  const block =
    'tool' in saying
      ? { type: 'tool_use', id: 'toolu_1', name: saying.tool, input: JSON.parse(saying.args) as object }
      : { type: 'text', text: saying.text }
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model }
  const usage = { input_tokens: 9, output_tokens: 3 }
  const begun = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } }
  const deltas =
    'tool' in saying
      ? piecesOf(saying.args).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
      : piecesOf(saying.text).map((text) => ({ type: 'text_delta', text }))
  const empty = 'tool' in saying ? { ...block, input: {} } : { ...block, text: '' }
  const all: Event[] = [
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: empty },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: finish, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]
  return {
    whole: { ...head, content: [block], stop_reason: finish, stop_sequence: null, usage },
    events: all.map(namedEvent),
    failure: namedEvent({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  }
}

function modelCard(id: string): Answer {
  const whole = { id, object: 'model', type: 'model', created: madeAtS, owned_by: 'system', display_name: id }
  return { whole, events: [], failure: '' }
}
