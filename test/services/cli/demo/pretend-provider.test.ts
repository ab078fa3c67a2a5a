import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI, { APIError } from 'openai'
import { type Behaviour, modelsAt } from '../../../../services/cli/demo/models.ts'
import { type PretendProvider, startPretendProvider } from '../../../../services/cli/demo/pretend-provider.ts'
import { type DemoExchange, demoExchanges, type Truth } from '../../../../services/cli/demo/traffic.ts'

const exchanges = demoExchanges({ count: 100, seed: 5 })
const apiKey = 'a-key'
const broken: Behaviour = { slipRate: 0, failureRate: 1, slowness: 1, fencesJson: false }

let openai: PretendProvider
let anthropic: PretendProvider
let chat: OpenAI
let messages: Anthropic

before(async () => {
  const common = { exchanges, seed: 1, apiKey }
  openai = await startPretendProvider({ ...common, family: 'openai', models: { ...modelsAt.openai, broken } })
  anthropic = await startPretendProvider({ ...common, family: 'anthropic', models: { ...modelsAt.anthropic, broken } })
  chat = new OpenAI({ apiKey, baseURL: `${openai.url}/v1`, maxRetries: 0 })
  messages = new Anthropic({ apiKey, baseURL: anthropic.url, maxRetries: 0 })
})

after(async () => {
  await openai.stop()
  await anthropic.stop()
})

const exchangeWith = (type: Truth['type']): DemoExchange => exchanges.find(({ truth }) => truth.type === type)!
const answersTo = ({ truth }: DemoExchange): string[] => (truth.type === 'text' ? truth.answers : [])

test('chat completions: a whole answer is as the SDK reads it, usage included', async () => {
  const exchange = exchangeWith('text')
  const answer = await chat.chat.completions.create({ model: 'gpt-4o', messages: exchange.messages })
  ok(answersTo(exchange).includes(answer.choices[0]!.message.content!))
  equal(answer.choices[0]!.finish_reason, 'stop')
  equal(answer.usage!.total_tokens, answer.usage!.prompt_tokens + answer.usage!.completion_tokens)
  ok(answer.usage!.completion_tokens > 20)
})

test('chat completions: a stream comes in about a dozen pieces, and tells usage only where it was asked for', async () => {
  const exchange = exchangeWith('text')
  const body = { model: 'gpt-4o', messages: exchange.messages, stream: true } as const
  for (const includeUsage of [true, false]) {
    const options = includeUsage ? { stream_options: { include_usage: true } } : {}
    const chunks = await Array.fromAsync(await chat.chat.completions.create({ ...body, ...options }))
    const pieces = chunks.flatMap((chunk) => chunk.choices[0]?.delta.content || [])
    ok(answersTo(exchange).includes(pieces.join('')))
    ok(pieces.length >= 8 && pieces.length <= 13)
    equal(chunks.filter((chunk) => chunk.usage).length, includeUsage ? 1 : 0)
    equal(chunks.at(includeUsage ? -2 : -1)!.choices[0]!.finish_reason, 'stop')
  }
})

test('chat completions: the deltas of a tool call put together are the call', async () => {
  const { messages: asked, truth } = exchangeWith('tool')
  const stream = await chat.chat.completions.create({ model: 'gpt-4o', messages: asked, stream: true })
  let [name, text, finish] = ['', '', '']
  for await (const { choices } of stream) {
    const call = choices[0]?.delta.tool_calls?.[0]?.function
    name += call?.name ?? ''
    text += call?.arguments ?? ''
    finish = choices[0]?.finish_reason ?? finish
  }
  deepEqual({ type: 'tool', name, arguments: JSON.parse(text) as object }, truth)
  equal(finish, 'tool_calls')
})

test('messages: whole and streamed answers are as the SDK reads them', async () => {
  const exchange = exchangeWith('text')
  const body = { model: 'claude-sonnet-4-6', max_tokens: 400, messages: exchange.messages }
  const whole = await messages.messages.create(body)
  ok(whole.content[0]?.type === 'text' && answersTo(exchange).includes(whole.content[0].text))
  equal(whole.stop_reason, 'end_turn')
  const streamed = await messages.messages.stream(body).finalMessage()
  ok(streamed.content[0]?.type === 'text' && answersTo(exchange).includes(streamed.content[0].text))
  ok(streamed.usage.output_tokens > 20 && streamed.usage.input_tokens > 20)
})

test('messages: a tool call is a tool_use block, whole and streamed', async () => {
  const { messages: asked, truth } = exchangeWith('tool')
  const body = { model: 'claude-sonnet-4-6', max_tokens: 400, messages: asked }
  for (const answer of [await messages.messages.create(body), await messages.messages.stream(body).finalMessage()]) {
    const block = answer.content[0]!
    ok(block.type === 'tool_use')
    deepEqual({ type: 'tool', name: block.name, arguments: block.input }, truth)
    equal(answer.stop_reason, 'tool_use')
  }
})

test('both list their models, and refuse a wrong key and an unknown model as the real ones do', async () => {
  const offered = await Array.fromAsync(chat.models.list(), ({ id }) => id)
  deepEqual(offered, [...Object.keys(modelsAt.openai), 'broken'])
  ok((await Array.fromAsync(messages.models.list(), ({ id }) => id)).includes('claude-haiku-4-5'))
  const { messages: asked } = exchangeWith('text')
  const unknown = { model: 'gpt-0', max_tokens: 1, messages: asked }
  await rejects(chat.chat.completions.create(unknown), { status: 404 })
  await rejects(messages.messages.create(unknown), { status: 404 })
  const [wrongChat, wrongMessages] = [chat.withOptions({ apiKey: 'x' }), messages.withOptions({ apiKey: 'x' })]
  await rejects(Array.fromAsync(wrongChat.models.list()), { status: 401 })
  await rejects(wrongMessages.messages.create(unknown), { status: 401 })
})

test('messages: sampling parameters are refused from the version that removed them on, and a version is required', async () => {
  const { messages: asked } = exchangeWith('text')
  const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, temperature: 1, messages: asked })
  const statusWith = async (version: Record<string, string>): Promise<number> => {
    const headers = { 'x-api-key': apiKey, ...version }
    return (await fetch(`${anthropic.url}/v1/messages`, { method: 'POST', headers, body })).status
  }
  equal(await statusWith({ 'anthropic-version': '2023-06-01' }), 200)
  equal(await statusWith({ 'anthropic-version': '2026-10-21' }), 400)
  equal(await statusWith({}), 400)
})

test('a failing model ends in an error, or in a stream that breaks off', async () => {
  const endings = new Set<string>()
  for (const { messages: asked } of exchanges.slice(0, 30)) {
    const body = { model: 'broken', messages: asked, stream: true } as const
    const ending = chat.chat.completions.create(body).then(
      async (stream) => {
        const chunks = await Array.fromAsync(stream).catch(() => null)
        return chunks === null ? 'broken off' : 'answered'
      },
      (err: unknown) => (err instanceof APIError ? String(err.status) : 'other'),
    )
    endings.add(await ending)
  }
  deepEqual([...endings].toSorted(), ['500', '503', 'broken off'])
})

test('what is no request of the API is refused', async () => {
  const headers = { authorization: `Bearer ${apiKey}` }
  const status = async (path: string, init: object) => (await fetch(openai.url + path, { headers, ...init })).status
  equal(await status('/v1/embeddings', { method: 'POST', body: '{}' }), 404)
  equal(await status('/v1/chat/completions', { method: 'POST', body: '[]' }), 400)
  equal(await status('/v1/chat/completions', { method: 'POST', body: '{' }), 400)
  equal(await status('/v1/chat/completions', { method: 'POST', body: '{"model":"gpt-4o"}' }), 400)
})
