import { type Answer } from '../contracts/answer.ts'
import { type Dialect } from '../contracts/exchange.ts'
import { accumulate, readJson } from './accumulator.ts'
import { type AnswerReader } from './answer-reader.ts'
import { createMessagesReader } from './anthropic-messages/answer.ts'
import { readMessagesRequest } from './anthropic-messages/facts.ts'
import { type Accumulator, type JsonObject, type RequestFacts } from './dialect.ts'
import { createChatReader } from './openai-chat/answer.ts'
import { readChatRequest } from './openai-chat/facts.ts'
import { createCompletionsReader } from './openai-completions/answer.ts'
import { readCompletionsRequest } from './openai-completions/facts.ts'
import { createEmbeddingsReader } from './openai-embeddings/answer.ts'
import { readEmbeddingsRequest } from './openai-embeddings/facts.ts'
import { createResponsesReader } from './openai-responses/answer.ts'
import { readResponsesRequest } from './openai-responses/facts.ts'

export { translate } from './translate.ts'

/** How an answer arrived. */
export type ResponseHead = { status: number; contentType: string | null }

const readers: Record<Dialect, () => AnswerReader> = {
  'openai-chat': () => createChatReader(),
  'openai-responses': createResponsesReader,
  'openai-completions': createCompletionsReader,
  'openai-embeddings': createEmbeddingsReader,
  'anthropic-messages': createMessagesReader,
}

const requestReaders: Record<Dialect, (body: unknown) => RequestFacts> = {
  'openai-chat': readChatRequest,
  'openai-responses': readResponsesRequest,
  'openai-completions': readCompletionsRequest,
  'openai-embeddings': readEmbeddingsRequest,
  'anthropic-messages': readMessagesRequest,
}

/** The longer ending stands before the one it ends with. */
const endings: Record<'openai' | 'anthropic', [string, Dialect][]> = {
  openai: [
    ['/chat/completions', 'openai-chat'],
    ['/completions', 'openai-completions'],
    ['/responses', 'openai-responses'],
    ['/embeddings', 'openai-embeddings'],
  ],
  anthropic: [['/messages', 'anthropic-messages']],
}

/** The dialect of a call by its path (what follows the upstream's name); null where it is none we read. */
export function dialectOf(family: 'openai' | 'anthropic', method: string, path: string): Dialect | null {
  if (method.toUpperCase() !== 'POST') return null
  const [bare = ''] = path.split(/[?#]/, 1)
  const end = bare.replace(/\/+$/, '')
  return endings[family].find(([ending]) => end.endsWith(ending))?.[1] ?? null
}

/** Is the answer one to read? Vectors are not: there is nothing in them to hold against another model's. */
export function answersInWords(dialect: Dialect): boolean {
  return dialect !== 'openai-embeddings'
}

/** What a request body asks for. Odd shapes give nulls and empty lists, never an error. */
export function readRequest(dialect: Dialect, body: unknown): RequestFacts {
  return requestReaders[dialect](body)
}

export function createAccumulator(dialect: Dialect, response: ResponseHead): Accumulator {
  return accumulate(readers[dialect](), response.status, response.contentType)
}

/** What the accumulator says of a JSON answer that is parsed already. */
export function readJsonAnswer(dialect: Dialect, { status, contentType }: ResponseHead, body: JsonObject): Answer {
  return readJson(readers[dialect](), status, contentType, body)
}

/** The accumulator over a whole answer. */
export function readAnswer(dialect: Dialect, response: ResponseHead, bytes: Uint8Array): Answer {
  const accumulator = createAccumulator(dialect, response)
  accumulator.push(bytes)
  return accumulator.end()
}
