import { type Adapter } from './adapter.ts'
import { openaiEndpoint, type OpenaiAccess } from './openai-endpoint.ts'

/** The SDK never sees the vectors, so it neither asks for base64 nor decodes it. */
export function createOpenaiEmbeddingsAdapter(access: OpenaiAccess): Adapter {
  return openaiEndpoint(access, 'openai-embeddings', '/embeddings')
}
