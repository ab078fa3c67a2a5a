import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { ask, carried, chatBody, lossesOf } from './asking.ts'

const responses = 'openai-responses'
const body = (more: JsonObject = {}): JsonObject => ({ model: 'gpt-4.1', input: 'Hi', store: false, ...more })
const own = (more: JsonObject, to = {}) => carried(responses, body(more), to)
const refusalOf = (more: JsonObject) => {
  const translation = ask(responses, body(more))
  return translation.ok ? null : translation.reason
}

const anyParameters = fc.dictionary(
  fc.string().filter((name) => !/^(store|input|tools|prompt|conversation|background|previous_response_id)$/.test(name)),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<JsonObject>

test('the control is asked exactly what was asked, whatever the body says', () => {
  fc.assert(
    fc.property(anyParameters, (parameters) => {
      const recorded = body(parameters)
      const translation = carried(responses, recorded)
      equal(JSON.stringify(translation.body), JSON.stringify(recorded))
      deepEqual(translation.losses, [])
    }),
  )
})

test('a replay is never stored: not if the call says so, nor if it says nothing', () => {
  const { store: _, ...silent } = body()
  deepEqual(carried(responses, silent).body, body())
  deepEqual(carried(responses, silent).losses, [])
  const stored = own({ store: true })
  equal(stored.body['store'], false)
  deepEqual(lossesOf(stored), ['store dropped minor'])
  ok(!Object.hasOwn(own({ stream: true }).body, 'stream_options'))
})

test('what hangs on the provider’s memory, its tools or its files is not asked again', () => {
  const item = (more: JsonObject) => ({ input: [{ role: 'user', content: 'Hi' }, more] })
  const part = (more: JsonObject) => item({ role: 'user', content: [more] })
  const cases: JsonObject[] = [
    { previous_response_id: 'resp_0' },
    { conversation: 'conv_0' },
    { conversation: { id: 'conv_0' } },
    { prompt: { id: 'pmpt_0' } },
    { background: true },
    { input: null },
    ...['web_search', 'code_interpreter', 'mcp', 'file_search', 'computer_use_preview', 'image_generation'].map(
      (type) => ({ tools: [{ type }] }),
    ),
    { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }, { type: 'mcp' }] }] },
    item({ type: 'item_reference', id: 'msg_0' }),
    item({ type: 'web_search_call', id: 'ws_0' }),
    item({ type: 'compaction', encrypted_content: 'x' }),
    part({ type: 'input_file', file_id: 'file_0' }),
    part({ type: 'input_image', file_id: 'file_0' }),
    item({ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: 'file_0' }] }),
  ]
  for (const each of cases) equal(refusalOf(each), 'not_replayable', JSON.stringify(each))
  const harmless: JsonObject[] = [
    { previous_response_id: null, conversation: null, prompt: null, background: false },
    {
      tools: [
        { type: 'function', name: 'f' },
        { type: 'custom', name: 'g' },
      ],
    },
    { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] }] },
    part({ type: 'input_image', image_url: 'https://x.test/a.png' }),
  ]
  for (const each of harmless) equal(refusalOf(each), null, JSON.stringify(each))
})

test('reasoning and the ids of items, which only their own account can use, stay behind', () => {
  const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' }
  const output = { type: 'function_call_output', call_id: 'call_1', output: 'sun' }
  const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] }
  const translation = own({
    input: [
      { role: 'user', content: 'Hi' },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
      { ...call, id: 'fc_1' },
      output,
      { ...said, id: 'msg_1' },
    ],
    include: ['reasoning.encrypted_content'],
  })
  deepEqual(translation.body['input'], [{ role: 'user', content: 'Hi' }, call, output, said])
  deepEqual(lossesOf(translation), ['input.reasoning dropped minor'])
  deepEqual(translation.body['include'], ['reasoning.encrypted_content'])
  const elsewhere = { model: 'gpt-4o' }
  ok(!Object.hasOwn(own({ include: ['reasoning.encrypted_content'] }, elsewhere).body, 'include'))
  const include: Json = ['reasoning.encrypted_content', 'message.output_text.logprobs']
  deepEqual(own({ include }, elsewhere).body['include'], ['message.output_text.logprobs'])
})

test('a model refuses at this endpoint what it refuses at the other', () => {
  const moved = own(
    { max_output_tokens: 64, temperature: 0, reasoning: { effort: 'xhigh', summary: 'auto' }, metadata: { a: 'b' } },
    { model: 'gpt-5-mini' },
  )
  deepEqual(moved.body, {
    model: 'gpt-5-mini',
    input: 'Hi',
    store: false,
    max_output_tokens: 64 + 16_384,
    reasoning: { effort: 'high', summary: 'auto' },
    metadata: { a: 'b' },
  })
  deepEqual(lossesOf(moved), [
    'max_output_tokens emulated minor',
    'reasoning.effort clamped minor',
    'temperature dropped material',
  ])
  const plain = own({ model: 'o3', reasoning: { effort: 'low' } }, { model: 'gpt-4.1' })
  ok(!Object.hasOwn(plain.body, 'reasoning'))
  deepEqual(lossesOf(plain), ['reasoning.effort dropped minor'])
  const idle = own({ temperature: 0 }, { model: 'gpt-5.4' })
  deepEqual([idle.body['temperature'], idle.losses], [0, []])
  ok(!Object.hasOwn(own({ temperature: 0, reasoning: { effort: 'high' } }, { model: 'gpt-5.4' }).body, 'temperature'))
})

test('another system prompt stands in the instructions and may hold the recorded ones', () => {
  const system = 'Be brief. {{system}}'
  const user = { role: 'user', content: 'Hi' }
  const replaced = own(
    { instructions: 'A', input: [{ role: 'developer', content: [{ type: 'input_text', text: 'B' }] }, user] },
    { system },
  )
  deepEqual([replaced.body['instructions'], replaced.body['input']], ['Be brief. A\n\nB', [user]])
  deepEqual(own({}, { system }).body, { ...body(), instructions: 'Be brief. ' })
  ok(!Object.hasOwn(own({ instructions: 'A' }, { system: '' }).body, 'instructions'))
})

test('the operator’s parameters are said in the words of chat completions or of Responses', () => {
  const spoken = own(
    { temperature: 0, max_output_tokens: 5, reasoning: { summary: 'auto' }, text: { format: { type: 'json_object' } } },
    {
      model: 'gpt-5-mini',
      parameters: { temperature: null, max_tokens: 900, reasoning_effort: 'low', verbosity: 'low', top_p: 0.5 },
    },
  )
  deepEqual(spoken.body, {
    model: 'gpt-5-mini',
    input: 'Hi',
    store: false,
    max_output_tokens: 900,
    reasoning: { summary: 'auto', effort: 'low' },
    text: { format: { type: 'json_object' }, verbosity: 'low' },
    top_p: 0.5,
  })
  deepEqual(spoken.losses, [])
  const native = { max_output_tokens: 900, reasoning: { effort: 'low' } }
  deepEqual(own({}, { parameters: native }).body, { ...body(), ...native })
  deepEqual(own({ reasoning: { effort: 'high', summary: 'auto' } }, { parameters: { reasoning_effort: null } }).body, {
    ...body(),
    reasoning: { summary: 'auto' },
  })
  equal(carried('openai-chat', chatBody(), { parameters: { reasoning_effort: 'low' } }).body['reasoning_effort'], 'low')
})

test('a prompt to be continued is asked of models that continue, and of nobody else', () => {
  const prompt = { model: 'gpt-3.5-turbo-instruct', prompt: 'The sky is', max_tokens: 9, stream: true }
  const to = (model: string | null, dialect: 'openai-completions' | 'openai-chat' = 'openai-completions') => {
    const translation = ask('openai-completions', prompt, { dialect, model })
    return translation.ok ? translation.body : translation.reason
  }
  const metered = { ...prompt, stream_options: { include_usage: true } }
  deepEqual(to(null), metered)
  deepEqual(to('our-llama'), { ...metered, model: 'our-llama' })
  for (const model of ['gpt-4o-mini', 'openai/gpt-5-mini', 'o3', 'gpt-3.5-turbo']) equal(to(model), 'untranslatable')
  equal(to('gpt-4o', 'openai-chat'), 'untranslatable')
  equal(ask('openai-completions', prompt, { system: 'Be brief' }).ok, false)
})

test('vectors are asked of the model that made them', () => {
  const input = { model: 'text-embedding-3-small', input: ['a', 'b'], encoding_format: 'base64' }
  const embeddings = 'openai-embeddings'
  deepEqual(carried(embeddings, input).body, input)
  deepEqual(carried(embeddings, input, { model: 'text-embedding-3-small' }).body, input)
  for (const to of [
    { model: 'text-embedding-3-large' },
    { dialect: 'anthropic-messages', model: 'claude-haiku-4-5' } as const,
  ]) {
    const translation = ask(embeddings, input, to)
    ok(!translation.ok && translation.reason === 'not_replayable')
  }
})
