import { type Answer } from '../contracts/answer.ts'
import { type Dialect } from '../contracts/exchange.ts'
import { accumulate } from './accumulator.ts'
import { type AnswerReader } from './answer-reader.ts'
import { createMessagesReader } from './anthropic-messages/answer.ts'
import { readMessagesRequest } from './anthropic-messages/facts.ts'
import { type Accumulator, type RequestFacts } from './dialect.ts'
import { createChatReader } from './openai-chat/answer.ts'
import { readChatRequest } from './openai-chat/facts.ts'

export { translate } from './translate.ts'

/** How an answer arrived. */
export type ResponseHead = { status: number; contentType: string | null }

const readers: Record<Dialect, () => AnswerReader> = {
  'openai-chat': createChatReader,
  'anthropic-messages': createMessagesReader,
}

const requestReaders: Record<Dialect, (body: unknown) => RequestFacts> = {
  'openai-chat': readChatRequest,
  'anthropic-messages': readMessagesRequest,
}

/** The dialect of a call by its path (what follows the upstream's name); null where it is none we read. */
export function dialectOf(family: 'openai' | 'anthropic', method: string, path: string): Dialect | null {
  if (method.toUpperCase() !== 'POST') return null
  const [bare = ''] = path.split(/[?#]/, 1)
  const end = bare.replace(/\/+$/, '')
  if (family === 'openai') return end.endsWith('/chat/completions') ? 'openai-chat' : null
  return end.endsWith('/messages') ? 'anthropic-messages' : null
}

/** What a request body asks for. Odd shapes give nulls and empty lists, never an error. */
export function readRequest(dialect: Dialect, body: unknown): RequestFacts {
  return requestReaders[dialect](body)
}

export function createAccumulator(dialect: Dialect, response: ResponseHead): Accumulator {
  return accumulate(readers[dialect](), response.status, response.contentType)
}

/** The accumulator over a whole answer. */
export function readAnswer(dialect: Dialect, response: ResponseHead, bytes: Uint8Array): Answer {
  const accumulator = createAccumulator(dialect, response)
  accumulator.push(bytes)
  return accumulator.end()
}
