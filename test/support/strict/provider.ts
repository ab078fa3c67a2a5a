import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { type TestContext } from 'node:test'
import { json } from 'node:stream/consumers'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { refusalOf } from './refusal.ts'

const paths = new Map<string, Dialect>([
  ['/v1/chat/completions', 'openai-chat'],
  ['/v1/responses', 'openai-responses'],
  ['/v1/embeddings', 'openai-embeddings'],
  ['/v1/messages', 'anthropic-messages'],
])

const answers: Partial<Record<Dialect, object>> = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'strict',
    choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'strict',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'ok', annotations: [] }] }],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  },
  'openai-embeddings': {
    object: 'list',
    model: 'strict',
    data: [{ object: 'embedding', index: 0, embedding: [1] }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  },
  'anthropic-messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'strict',
    content: [{ type: 'text', text: 'ok' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  },
}

/** A provider on a real socket that answers `ok` to what the real one would answer, and 400 to all else. */
export async function strictProvider(context: TestContext): Promise<{ url: string; refused: string[] }> {
  const refused: string[] = []
  const server = createServer((request, response) => void serve(request, response, refused))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, refused }
}

async function serve(request: IncomingMessage, response: ServerResponse, refused: string[]): Promise<void> {
  const dialect = paths.get(request.url ?? '')
  const body = await json(request).catch(() => null)
  const headers = request.headers as Record<string, string>
  const refusal = dialect === undefined ? 'no such path' : refusalOf(dialect, body, headers)
  if (refusal !== null) refused.push(refusal)
  response.writeHead(refusal === null ? 200 : 400, { 'content-type': 'application/json' })
  response.end(JSON.stringify(refusal === null ? answers[dialect!] : errorOf(dialect, refusal)))
}

function errorOf(dialect: Dialect | undefined, message: string): object {
  const error = { type: 'invalid_request_error', message }
  return dialect === 'anthropic-messages' ? { type: 'error', error } : { error: { ...error, param: null, code: null } }
}
