import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the tests look at in a request of either dialect. */
type AskedBody = {
  model: string
  stream?: boolean
  messages: { role: string; content: unknown }[]
  tools?: { name: string; input_schema: unknown }[]
  output_config?: { format?: { schema?: { properties?: unknown } } }
}

export type Asked = {
  atMs: number
  path: string
  headers: IncomingHttpHeaders
  text: string
  body: AskedBody
}

/** What the provider does with its n-th request, from 0. */
export type Script = (response: ServerResponse, asked: Asked, nth: number) => void | Promise<void>

export type PretendProvider = { url: string; asked: Asked[]; mostAtOnce: number; connections: number }

/** Resolves when the provider has been asked so many times. */
export async function askedTimes(provider: PretendProvider, times: number): Promise<void> {
  while (provider.asked.length < times) await sleep(5)
}

/** A provider on a real socket that does what the script says. */
export async function pretendProvider(context: TestContext, script: Script): Promise<PretendProvider> {
  const provider: PretendProvider = { url: '', asked: [], mostAtOnce: 0, connections: 0 }
  let atOnce = 0
  const server = createServer((request, response) => void serve(request, response))
  server.on('connection', () => provider.connections++)
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    provider.mostAtOnce = Math.max(provider.mostAtOnce, ++atOnce)
    response.on('close', () => atOnce--)
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString()
    const asked = {
      atMs: performance.now(),
      path: request.url!,
      headers: request.headers,
      text,
      body: JSON.parse(text),
    }
    provider.asked.push(asked)
    await script(response, asked, provider.asked.length - 1)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return provider
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Each event is written by itself. Data that is not text becomes JSON; an event of messages is named by its type. */
export async function sendEvents(response: ServerResponse, events: unknown[], pauseMs = 0): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) {
    const name = (event as { type?: string }).type
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`)
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  response.end()
}

const chatUsage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 }
const messagesUsage = { input_tokens: 10, output_tokens: 4 }

export function chatCompletion(content: string, model = 'gpt-4o-mini'): object {
  const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices: [choice], usage: chatUsage }
}

export function chatChunks(words: string[], model = 'gpt-4o-mini'): unknown[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model }
  const chunk = (delta: object, finish: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const last = { ...head, choices: [], usage: chatUsage }
  return [...words.map((content) => chunk({ role: 'assistant', content })), chunk({}, 'stop'), last, '[DONE]']
}

export function chatToolCall(name: string, argumentsText: string): object {
  const call = { id: 'call_1', type: 'function', function: { name, arguments: argumentsText } }
  const message = { role: 'assistant', content: null, tool_calls: [call] }
  const choice = { index: 0, message, finish_reason: 'tool_calls' }
  return { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4o', choices: [choice], usage: chatUsage }
}

export function aResponse(said: string, model = 'gpt-5-mini'): object {
  const item = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said }] }
  const usage = { input_tokens: 10, output_tokens: 4, total_tokens: 14 }
  return { id: 'resp_1', object: 'response', status: 'completed', model, output: [item], usage }
}

export function responseEvents(words: string[], model = 'gpt-5-mini'): unknown[] {
  const whole = aResponse(words.join(''), model)
  return [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } },
    ...words.map((delta) => ({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta })),
    { type: 'response.completed', response: whole },
  ]
}

export function message(content: object[], model = 'claude-haiku-4-5', stopReason = 'end_turn'): object {
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model, content }
  return { ...head, stop_reason: stopReason, stop_sequence: null, usage: messagesUsage }
}

export function messageEvents(words: string[], model = 'claude-haiku-4-5'): unknown[] {
  const start = { ...message([], model), stop_reason: null, usage: { input_tokens: 10, output_tokens: 1 } }
  return [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
  ]
}

export const chatError = (code: string, type = code): object => ({ error: { message: `refused: ${code}`, type, code } })
export const messagesError = (type: string): object => ({ type: 'error', error: { type, message: `refused: ${type}` } })
