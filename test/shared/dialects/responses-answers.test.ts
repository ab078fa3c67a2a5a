import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { text } from '../../../shared/dialects/json.ts'

const dialect = 'openai-responses'
const wordOf = (holder: JsonObject, name: string): string => text(holder[name]) ?? ''
const wireOf = (events: JsonObject[]) =>
  Buffer.from(events.map((each) => `event: ${wordOf(each, 'type')}\ndata: ${JSON.stringify(each)}\n\n`).join(''))
const readStream = (events: JsonObject[], bytes = wireOf(events)): Answer =>
  readAnswer(dialect, { status: 200, contentType: 'text/event-stream' }, bytes)
const readJson = (body: JsonObject, status = 200): Answer =>
  readAnswer(dialect, { status, contentType: 'application/json' }, Buffer.from(JSON.stringify(body)))

const usage = { input_tokens: 5, output_tokens: 7, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 12 }
const response = (output: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'gpt-5',
  service_tier: 'default',
  output,
  usage,
  ...more,
})
const words = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [] })
const said = (content: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content,
  ...more,
})
const call = (name: string, args: string): JsonObject => ({
  id: 'fc_1',
  type: 'function_call',
  call_id: `call_${name}`,
  name,
  arguments: args,
})

/** The events by which the item is told, its texts in pieces of two characters, every id another one. */
function eventsOf(item: JsonObject, output_index: number): JsonObject[] {
  const of = (type: string, more: JsonObject): JsonObject => ({ type, output_index, item_id: String(id++), ...more })
  const pieces = (text: string) => text.match(/[^]{1,2}/g) ?? []
  const told = (name: string, member: string, text: string, place: JsonObject) => [
    ...pieces(text).map((delta) => of(`${name}.delta`, { ...place, delta })),
    of(`${name}.done`, { ...place, [member]: text }),
  ]
  const list = (member: string) => (item[member] ?? []) as JsonObject[]
  const parts = list('content').flatMap((part, content_index) =>
    part['type'] === 'refusal'
      ? told('response.refusal', 'refusal', wordOf(part, 'refusal'), { content_index })
      : told('response.output_text', 'text', wordOf(part, 'text'), { content_index }),
  )
  const thoughts = list('summary').flatMap((part, summary_index) =>
    told('response.reasoning_summary_text', 'text', wordOf(part, 'text'), { summary_index }),
  )
  const args =
    item['type'] === 'function_call'
      ? told('response.function_call_arguments', 'arguments', wordOf(item, 'arguments'), {})
      : []
  const emptied = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, name === 'arguments' ? '' : Array.isArray(value) ? [] : value]),
  )
  return [
    of('response.output_item.added', { item: { ...emptied, id: String(id++) } }),
    ...parts,
    ...thoughts,
    ...args,
    of('response.output_item.done', { item }),
  ]
}
let id = 0

const streamOf = (whole: JsonObject): JsonObject[] => [
  { type: 'response.created', response: { ...whole, status: 'in_progress', output: [], usage: null } },
  ...(whole['output'] as JsonObject[]).flatMap(eventsOf),
  { type: `response.${wordOf(whole, 'status')}`, response: whole },
]

const anyText = fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '🎭', '"', '\u2028', '{}'), maxLength: 9 })
const anyPart = fc.oneof(
  anyText.map(words),
  anyText.map((refusal): JsonObject => ({ type: 'refusal', refusal })),
)
const anyItem = fc.oneof(
  fc
    .tuple(fc.array(anyPart, { maxLength: 3 }), fc.constantFrom('commentary', 'final_answer', null))
    .map(([content, phase]) => said(content, phase === null ? {} : { phase })),
  fc.tuple(fc.constantFrom('f', 'g'), anyText).map(([name, args]) => call(name, args)),
  fc.array(anyText, { maxLength: 2 }).map((texts): JsonObject => {
    return { type: 'reasoning', encrypted_content: 'x', summary: texts.map((text) => ({ type: 'summary_text', text })) }
  }),
  fc.constant<JsonObject>({ id: 'ws_1', type: 'web_search_call', action: { type: 'search', query: 'q' } }),
)
const anyResponse = fc
  .tuple(
    fc.array(anyItem, { maxLength: 5 }),
    fc.constantFrom<JsonObject>(
      {},
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      { status: 'incomplete', incomplete_details: { reason: 'steered' } },
    ),
  )
  .map(([output, more]) => response(output, more))

test('streamed or not, the same answer is the same object', () => {
  fc.assert(fc.property(anyResponse, (whole) => deepEqual(readStream(streamOf(whole)), readJson(whole))))
})

test('what the deltas tell is what the last event tells', () => {
  fc.assert(
    fc.property(anyResponse, (whole) => {
      const events = streamOf(whole)
      const { output: _, ...silent } = whole
      const gathered = readStream([...events.slice(0, -1), { ...events.at(-1), response: silent }])
      const anomalies = gathered.anomalies.filter((each) => each !== 'terminal_without_output')
      deepEqual({ ...gathered, anomalies }, readJson(whole))
    }),
  )
})

test('a stream cut before its last event says as much, and is never complete', () => {
  fc.assert(
    fc.property(anyResponse, (whole) => {
      const cut = readStream(streamOf(whole).slice(0, -1))
      const full = readJson(whole)
      deepEqual([cut.text, cut.toolCalls, cut.refusalText], [full.text, full.toolCalls, full.refusalText])
      deepEqual([cut.complete, cut.outcome, cut.usage.outputTokens], [false, 'incomplete_stream', null])
    }),
  )
})

for (const name of ['c01-responses-sse-text', 'c02-responses-sse-function-call', 'c05-responses-sse-rotating-ids']) {
  test(`${name}: deltas, items and the last event each tell the whole answer`, () => {
    const file = new URL(`../../fixtures/wire/${name}.json`, import.meta.url)
    const { input } = JSON.parse(readFileSync(file, 'utf8')) as { input: { sse: string } }
    const events = input.sse
      .trim()
      .split('\n\n')
      .map((each) => JSON.parse(each.slice(each.indexOf('data: ') + 6)) as JsonObject)
    const whole = readStream([], Buffer.from(input.sse))
    deepEqual(readJson(events.at(-1)!['response'] as JsonObject), whole)
    const { output: _, ...silent } = events.at(-1)!['response'] as JsonObject
    const last = { ...events.at(-1), response: silent }
    const deltas = events.slice(0, -1).filter((each) => !wordOf(each, 'type').endsWith('.done'))
    const items = events.filter((each) => wordOf(each, 'type').startsWith('response.output_item.'))
    for (const some of [deltas, items]) deepEqual({ ...readStream([...some, last]), anomalies: [] }, whole)
  })
}

test('commentary is the answer only where nothing else is', () => {
  const commentary = said([words('Let me see.')], { phase: 'commentary' })
  equal(readJson(response([commentary, said([words('Four.')], { phase: 'final_answer' })])).text, 'Four.')
  const calling = readJson(response([commentary, call('f', '{}')]))
  deepEqual([calling.text, calling.finish, calling.nativeFinish], ['Let me see.', 'tool_calls', 'completed'])
})

test('an answer that ran out of tokens is cut, however it is told', () => {
  const whole = response([said([words('Fo')])], {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
  })
  const cut = readJson(whole)
  deepEqual(
    [cut.outcome, cut.finish, cut.nativeFinish, cut.complete],
    ['truncated_by_limit', 'length', 'max_output_tokens', true],
  )
  const reasoned = readJson({ ...whole, output: [{ type: 'reasoning', summary: [] }] })
  deepEqual([reasoned.outcome, reasoned.text], ['truncated_by_limit', ''])
})

test('refused: a refusal part, and an answer that the filter ended', () => {
  const refusal = readJson(response([said([{ type: 'refusal', refusal: 'No.' }])]))
  deepEqual([refusal.outcome, refusal.refusalText, refusal.text], ['refused', 'No.', ''])
  const filtered = readJson(response([], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }))
  deepEqual([filtered.outcome, filtered.finish], ['refused', 'content_filter'])
})

test('tools of the provider are told apart from those the caller is to run', () => {
  const answer = readJson(
    response([
      { id: 'ws_1', type: 'web_search_call', action: { type: 'search', query: 'q' } },
      { id: 'mcp_1', type: 'mcp_call', name: 'roll', server_label: 'dice', arguments: '{"n":2}', output: '7' },
      { id: 'ci_1', type: 'code_interpreter_call', code: '1+1', container_id: 'c' },
      { id: 'ts_1', type: 'tool_search_call', execution: 'server', call_id: 'x', arguments: {} },
      { id: 'cu_1', type: 'computer_call', call_id: 'call_c', action: { type: 'click', x: 1 } },
      { id: 'ct_1', type: 'custom_tool_call', call_id: 'call_s', name: 'sql', input: 'SELECT 1' },
      { id: 'ml_1', type: 'mcp_list_tools', tools: [] },
    ]),
  )
  deepEqual(answer.serverToolCalls, [
    { id: 'ws_1', name: 'web_search', argumentsText: '{"type":"search","query":"q"}' },
    { id: 'mcp_1', name: 'roll', argumentsText: '{"n":2}' },
    { id: 'ci_1', name: 'code_interpreter', argumentsText: '1+1' },
    { id: 'x', name: 'tool_search', argumentsText: '{}' },
  ])
  deepEqual(answer.toolCalls, [
    { id: 'call_c', name: 'computer', argumentsText: '{"type":"click","x":1}' },
    { id: 'call_s', name: 'sql', argumentsText: 'SELECT 1' },
  ])
  deepEqual(answer.anomalies, [])
})

test('a call of a tool that the answer does not repeat is noted', () => {
  const anomaliesWith = (tools: JsonObject[]) => readJson(response([call('f', '{}')], { tools })).anomalies
  deepEqual(anomaliesWith([{ type: 'function', name: 'g' }]), ['undeclared_tool:f'])
  deepEqual(anomaliesWith([{ type: 'function', name: 'f' }]), [])
  deepEqual(anomaliesWith([{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] }]), [])
  deepEqual(readJson(response([call('f', '{}')])).anomalies, [])
})

test('a failure is one in the body, in the last event, in an event of its own, and without a word', () => {
  const error = { code: 'server_error', message: 'Sorry.' }
  const failed = response([], { status: 'failed', error })
  const told = { type: null, ...error }
  for (const answer of [readJson(failed), readStream(streamOf(failed))]) {
    deepEqual([answer.outcome, answer.error, answer.text], ['error', told, ''])
  }
  deepEqual(readStream([{ type: 'error', sequence_number: 1, param: null, ...error }]).error, told)
  deepEqual(
    readStream([{ error: { type: 't', ...error } }], Buffer.from(`data: ${JSON.stringify({ error })}\n\n`)).error,
    told,
  )
  const silent = readStream([{ type: 'response.failed' }])
  deepEqual([silent.outcome, silent.error?.code], ['error', 'failed'])
  equal(readJson(response([], { status: 'cancelled' })).error?.code, 'cancelled')
  const after = readStream([...streamOf(response([said([words('Four.')])])).slice(0, -1), { type: 'error', error }])
  deepEqual([after.outcome, after.complete, after.text], ['error', false, 'Four.'])
})

test('an answer still being made in the background is not complete', () => {
  const queued = readJson(response([], { status: 'queued' }))
  deepEqual(
    [queued.outcome, queued.complete, queued.anomalies],
    ['incomplete_stream', false, ['response_not_finished']],
  )
})

test('half an answer given up by a gateway is never joined with the next one', () => {
  const first = streamOf(response([said([words('Wrong start')])])).slice(0, 4)
  const { output: _, ...silent } = response([])
  const second = streamOf(response([said([words('Four.')])])).slice(0, -1)
  const answer = readStream([...first, ...second, { type: 'response.completed', response: silent }])
  equal(answer.text, 'Four.')
  deepEqual(answer.anomalies, ['repeated_response_created', 'abandoned_response', 'terminal_without_output'])
})

test('an unknown word is kept, noted and given no meaning', () => {
  const answer = readJson(response([{ type: 'hologram' }, said([{ type: 'smell' }])], { status: 'pondering' }))
  deepEqual(answer.anomalies, ['unknown_part:smell', 'unknown_item:hologram', 'unknown_status:pondering'])
  equal(answer.nativeFinish, 'pondering')
  deepEqual(readStream([...streamOf(response([said([words('a')])])), { type: 'response.more' }]).anomalies, [
    'data_after_end',
  ])
  deepEqual(readStream([{ type: 'response.novel' }]).anomalies, ['unknown_event:response.novel'])
  equal(readJson({ hello: 1 }).outcome, 'error')
})

test('usage is told with the cache in the input and reasoning in the output', () => {
  const input_tokens_details = {
    cached_tokens: 3,
    cache_write_tokens: 2,
    cache_write_tokens_details: { ttl_12h_tokens: 1, ttl_30m_tokens: 1 },
  }
  deepEqual(readJson(response([], { usage: { ...usage, input_tokens_details } })).usage, {
    inputTokens: 5,
    cachedInputTokens: 3,
    cacheWriteInputTokens: 2,
    cacheWriteLongInputTokens: 1,
    outputTokens: 7,
    reasoningTokens: 2,
  })
  const unknown = readJson(response([said([words('a')])], { usage: null }))
  ok(Object.values(unknown.usage).every((value) => value === null))
})
