import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Running } from '../../../shared/lifecycle.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { pretendModel, type PretendModel, type Turn } from './answers.ts'
import { type Family } from './kinds.ts'
import { type Behaviour } from './models.ts'
import { type DemoExchange } from './traffic.ts'
import { tokensIn, type Wire, type WireAnswer, type WireError, type WireRequest } from './wire.ts'
import { anthropicWire } from './wire-anthropic.ts'
import { openaiWire } from './wire-openai.ts'

export type PretendProviderOptions = {
  family: Family
  /** The models on offer and how each behaves. */
  models: Record<string, Behaviour>
  /** What the models know the answers to. */
  exchanges: readonly DemoExchange[]
  seed: number
  apiKey: string
  port?: number
}

/** Root of the provider, without `/v1`. */
export type PretendProvider = Running & { url: string }

/** A provider on the loopback interface: real HTTP, the real wire format, pretend models. */
export async function startPretendProvider(options: PretendProviderOptions): Promise<PretendProvider> {
  const provider: Provider = {
    wire: options.family === 'openai' ? openaiWire : anthropicWire,
    models: options.models,
    apiKey: options.apiKey,
    ask: pretendModel(options.exchanges, options.seed),
    served: 0,
  }
  const server = createServer((request, response) => {
    serve(provider, request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

type Provider = {
  wire: Wire
  models: Record<string, Behaviour>
  apiKey: string
  ask: PretendModel
  /** Numbers the answers. */
  served: number
}

async function serve(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { wire } = provider
  const path = request.url?.split('?')[0]
  const text = await bodyOf(request)
  const headers = request.headers as Record<string, string | undefined>
  if (wire.credentialIn(headers) !== provider.apiKey) return refuse(wire, response, wrongKey)
  if (request.method === 'GET' && path === '/v1/models') {
    return sendJson(response, 200, wire.models(Object.keys(provider.models)))
  }
  if (request.method !== 'POST' || path !== wire.path) return refuse(wire, response, noSuchPath)
  const body = objectIn(text)
  const refusal = body === null ? notJson : wire.refuse(headers, body)
  if (body === null || refusal !== null) return refuse(wire, response, refusal ?? notJson)
  await answer(provider, wire.read(body), text, response)
}

const wrongKey = { status: 401, type: 'authentication_error', code: 'invalid_api_key', message: 'Incorrect API key' }
const noSuchPath = { status: 404, type: 'not_found_error', code: null, message: 'Unknown request URL' }
const notJson = { status: 400, type: 'invalid_request_error', code: null, message: 'The body is not a JSON object' }

async function answer(provider: Provider, request: WireRequest, text: string, response: ServerResponse): Promise<void> {
  const { wire } = provider
  const { model, messages } = request
  const behaviour = provider.models[model]
  if (behaviour === undefined) return refuse(wire, response, unknownModel(model))
  const turn = provider.ask({ model, behaviour, messages })
  const told = wireAnswerOf(provider, turn, model, text)
  await sleep(turn.firstPieceMs)
  if (turn.failure === 'server_error') return refuse(wire, response, serverError)
  if (turn.failure === 'overloaded') return refuse(wire, response, wire.overloaded)
  if (request.streamed) return stream(wire.events(told, request), turn, response)
  await sleep(turn.streamMs)
  if (turn.failure === 'dropped') return void response.destroy()
  sendJson(response, 200, wire.json(told))
}

const serverError = { status: 500, type: 'api_error', code: null, message: 'Internal server error' }

function unknownModel(model: string): WireError {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`
  return { status: 404, type: 'not_found_error', code: 'model_not_found', message }
}

function wireAnswerOf(provider: Provider, { said }: Turn, model: string, request: string): WireAnswer {
  provider.served += 1
  const arguments_ = said.toolCall === null ? '' : JSON.stringify(said.toolCall)
  return {
    id: `pretend${provider.served}`,
    model,
    said,
    inputTokens: tokensIn(request),
    outputTokens: tokensIn(said.text + arguments_),
  }
}

/** The first piece at once, the rest evenly over the turn's stream time. A dropped turn ends half-way, without a word. */
async function stream(events: string[], { streamMs, failure }: Turn, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  const sent = failure === 'dropped' ? events.slice(0, events.length / 2) : events
  for (const [index, event] of sent.entries()) {
    if (index > 0) await sleep(streamMs / events.length)
    if (response.destroyed) return
    response.write(event)
  }
  if (failure === 'dropped') response.destroy()
  else response.end()
}

function refuse(wire: Wire, response: ServerResponse, error: WireError): void {
  sendJson(response, error.status, wire.error(error))
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body)
  // As the real ones do, an error says whether asking again may help: here it never does.
  const retry = status >= 400 ? { 'x-should-retry': 'false' } : {}
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...retry,
  })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

function objectIn(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}
